/** What really happened, from those who did it: the clients, the stand-in, the backend's own counters. */
export function truthOf({ scenario, actors, traffic, standIn, healedAt, backendCounts }) {
  const perActor = PER_ACTOR[scenario.driver]({ actors, backendCounts });
  const failed = sum(perActor.map((actor) => actor.failed));
  const repeats = scenario.driver === 'dashboards' ? actors : [];
  return {
    scenario: scenario.name,
    fault: scenario.fault,
    hidden: failed > 0 && hides(scenario),
    failure_line_shows: failed > 0 ? failureLineShows(scenario) : null,
    driver: scenario.driver,
    actors: perActor.filter((actor) => actor.failed > 0).length,
    failed_attempts: failed,
    successful_attempts: sum(perActor.map((actor) => actor.succeeded)),
    false_successes: sum(repeats.map((actor) => actor.falseSuccesses)),
    failed_by: failedBy({ scenario, repeats, failed }),
    per_actor: perActor,
    policy: scenario.policy,
    resend: scenario.resend,
    outcome: outcomeOf({ scenario, repeats, perActor, failed }),
    healed_at: healedAt,
    first_attempt_at: repeats.map((actor) => actor.firstAttemptAt).filter(Boolean).sort()[0] ?? null,
    last_attempt_at: repeats.map((actor) => actor.lastAttemptAt).filter(Boolean).sort().at(-1) ?? null,
    failure_message: scenario.failureMessage,
    switches: scenario.switches,
    traffic: { requests: traffic.requests, by_status: traffic.byStatus },
    stand_in: standIn.counts,
  };
}

/** Does no line of the log say why the attempts failed? By the fault and the switches alone. */
function hides({ fault, switches }) {
  const saidElsewhere = switches.LOG_QUERY_ERRORS === 'true' && fault !== 'type-error';
  return failureLineShows({ fault, switches }) !== 'cause' && !saidElsewhere;
}

/** What the failing line itself prints of its error: the cause, a code without it, or nothing (`{}`). */
function failureLineShows({ fault, switches }) {
  const alwaysInFull = ['redis-refused', 'false-success', 'rate-limited', 'slow-start'];
  if (alwaysInFull.includes(fault) || switches.NORMALISE_ERRORS === 'true') return 'cause';
  return switches.SERVICE_REWRAPS_ERRORS === 'false' && fault !== 'type-error' ? 'code' : 'nothing';
}

const PER_ACTOR = {
  dashboards({ actors }) {
    const byUser = new Map();
    for (const { user, failed, succeeded } of actors) {
      const sofar = byUser.get(user.id) ?? { user: user.id, failed: 0, succeeded: 0 };
      byUser.set(user.id, { ...sofar, failed: sofar.failed + failed, succeeded: sofar.succeeded + succeeded });
    }
    return [...byUser.values()];
  },
  'redis-client': ({ backendCounts: { redisLost, redisReady } }) =>
    Object.keys(redisLost).map((client) => ({ user: client, failed: redisLost[client], succeeded: redisReady[client] })),
  startup: ({ backendCounts }) => [{ user: 'api', failed: backendCounts.startupFailures, succeeded: 1 }],
};

function failedBy({ scenario, repeats, failed }) {
  if (scenario.driver !== 'dashboards') return { [scenario.driver]: failed };
  const reasons = {};
  for (const actor of repeats) {
    for (const [reason, count] of Object.entries(actor.failedBy)) reasons[reason] = (reasons[reason] ?? 0) + count;
  }
  return reasons;
}

function outcomeOf({ scenario, repeats, perActor, failed }) {
  if (!failed) return 'none';
  const failing = repeats.filter((actor) => actor.failed > 0);
  if (failing.some((actor) => actor.endedWell)) return 'recovered';
  if (failing.some((actor) => actor.falseSuccesses > 0)) return 'false-success';
  if (failing.length) return scenario.dashboardsLeaveAt ? 'ceased' : 'ongoing';
  return perActor.every((actor) => actor.succeeded) ? 'recovered' : 'ongoing';
}

const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);
