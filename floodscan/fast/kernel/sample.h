/* The events that were taken are sampled, as the profile does it. */

PyDoc_STRVAR(begin_doc,
"begin(source, block_size, before) -> [(block, first, end)]\n\n"
"Makes ready the events of all blocks before `before`: their number in `sampled`, by block.");

static PyObject *begin(Kernel *k, PyObject *args) {
    long long source, size, before;
    if (!PyArg_ParseTuple(args, "LLL", &source, &size, &before)) return NULL;
    rank_ids(k);
    uint32_t n = 0, most = 0;
    while (n < k->event_count && k->events[n].offset / size < before) {
        if (k->events[n].signature > most) most = k->events[n].signature;
        n++;
    }
    free(k->line_ranks);
    free(k->order);
    k->line_ranks = malloc((n + 1) * sizeof *k->line_ranks);
    k->order = malloc((n + 1) * sizeof *k->order);
    if (!k->line_ranks || !k->order || !room((void **)&k->signature_start, &k->signature_room, most + 3, sizeof(uint32_t)))
        return PyErr_NoMemory();
    k->sampled = n;
    k->signature_count = most + 1;
    k->source = source << 40;
    memset(k->signature_start, 0, (most + 3) * sizeof(uint32_t));
    for (uint32_t i = 0; i < n; i++) {
        k->line_ranks[i] = splitmix((uint64_t)(k->source + k->events[i].number));
        k->signature_start[k->events[i].signature + 2]++;
    }
    for (uint32_t s = 2; s < most + 3; s++) k->signature_start[s] += k->signature_start[s - 1];
    for (uint32_t i = 0; i < n; i++) k->order[k->signature_start[k->events[i].signature + 1]++] = i;
    PyObject *out = PyList_New(0);
    for (uint32_t i = 0; out && i < n;) {
        uint32_t first = i;
        int64_t block = k->events[i].offset / size;
        while (i < n && k->events[i].offset / size == block) i++;
        PyObject *item = Py_BuildValue("LII", (long long)block, first, i);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

static PyObject *variant_counts(Kernel *k, PyObject *unused) {
    PyObject *out = PyList_New(0);
    uint32_t low = NONE, high = 0, n = k->sampled;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t v = k->events[i].variant;
        if (v < low) low = v;
        if (v > high) high = v;
    }
    if (!n || !out) return out;
    uint64_t *sums = calloc((size_t)(high - low + 1) * 2, sizeof *sums);
    if (!sums) { Py_DECREF(out); return PyErr_NoMemory(); }
    for (uint32_t i = 0; i < n; i++) {
        sums[2 * (k->events[i].variant - low)]++;
        sums[2 * (k->events[i].variant - low) + 1] += k->events[i].size;
    }
    for (uint32_t v = 0; out && v <= high - low; v++) {
        if (!sums[2 * v]) continue;
        PyObject *item = Py_BuildValue("IKK", v + low, (unsigned long long)sums[2 * v], (unsigned long long)sums[2 * v + 1]);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    free(sums);
    return out;
}

static PyObject *served(Kernel *k, PyObject *unused) {
    PyObject *out = PyList_New(0);
    uint32_t *counts = calloc(k->prefix_count, sizeof *counts);
    if (!counts || !out) { free(counts); Py_XDECREF(out); return PyErr_NoMemory(); }
    for (uint32_t s = 0; out && s < k->signature_count; s++) {
        uint32_t first = k->signature_start[s], end = k->signature_start[s + 1];
        for (uint32_t i = first; i < end; i++) {
            Event *e = &k->events[k->order[i]];
            if (e->failing && e->prefix) counts[e->prefix]++;
        }
        for (uint32_t i = first; out && i < end; i++) {
            uint32_t prefix = k->events[k->order[i]].prefix;
            if (!counts[prefix]) continue;
            PyObject *item = Py_BuildValue("IiI", s, (int)k->prefixes[prefix].service, counts[prefix]);
            counts[prefix] = 0;
            if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
            Py_DECREF(item);
        }
    }
    free(counts);
    return out;
}

static PyObject *failing(Kernel *k, PyObject *args) {
    unsigned int first, end;
    if (!PyArg_ParseTuple(args, "II", &first, &end)) return NULL;
    struct seen { uint32_t signature; int64_t low, high; } *seen;
    uint32_t n = 0;
    if (end > k->sampled) end = k->sampled;
    if (first > end) first = end;
    if (!(seen = malloc((end - first + 1) * sizeof *seen))) return PyErr_NoMemory();
    for (uint32_t i = first; i < end; i++) {
        Event *e = &k->events[i];
        if (!e->failing) continue;
        uint32_t j = 0;
        while (j < n && seen[j].signature != e->signature) j++;
        if (j == n) {
            seen[n].signature = e->signature;
            seen[n].low = seen[n].high = e->time;
            n++;
        }
        if (e->time < seen[j].low) seen[j].low = e->time;
        if (e->time > seen[j].high) seen[j].high = e->time;
    }
    PyObject *out = PyList_New(0);
    for (uint32_t j = 0; out && j < n; j++) {
        PyObject *item = Py_BuildValue("ILL", seen[j].signature, (long long)seen[j].low, (long long)seen[j].high);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    free(seen);
    return out;
}

/* The events of a signature, of all (-1), or of all that fail (-2), as [first, end) of `order` or of `events`. */
static void extent(Kernel *k, long signature, uint32_t *first, uint32_t *end) {
    *first = *end = 0;
    if (signature < 0) *end = k->sampled;
    else if (signature < (long)k->signature_count) {
        *first = k->signature_start[signature];
        *end = k->signature_start[signature + 1];
    }
}

typedef struct { int64_t bucket; uint32_t count; } Bucket;

static int by_bucket(const void *a, const void *b) {
    const Bucket *x = a, *y = b;
    return x->bucket < y->bucket ? -1 : x->bucket > y->bucket;
}

PyDoc_STRVAR(histogram_doc,
"histogram(signature, of_time, shift, cap) -> (shift, {bucket: count})\n\n"
"Counts of times or positions in at most `cap` buckets, of the given width or the next that does.");

static PyObject *histogram(Kernel *k, PyObject *args) {
    int signature, of_time, shift, cap, sorted = 1;
    uint32_t first, end, n = 0;
    if (!PyArg_ParseTuple(args, "iiii", &signature, &of_time, &shift, &cap)) return NULL;
    extent(k, signature, &first, &end);
    Bucket *buckets = malloc((end - first + 1) * sizeof *buckets);
    if (!buckets) return PyErr_NoMemory();
    for (uint32_t i = first; i < end; i++) {
        Event *e = &k->events[signature < 0 ? i : k->order[i]];
        int64_t bucket;
        if (signature == -2 && !e->failing) continue;
        if (signature < 0 || of_time) {
            if (!e->time) continue;
            bucket = e->time >> shift;
        } else
            bucket = (k->source + e->number) >> shift;
        if (n && buckets[n - 1].bucket == bucket) { buckets[n - 1].count++; continue; }
        if (n && buckets[n - 1].bucket > bucket) sorted = 0;
        buckets[n].bucket = bucket;
        buckets[n++].count = 1;
    }
    if (!sorted) qsort(buckets, n, sizeof *buckets, by_bucket);
    for (int halve = 0;; halve = 1) { /* buckets nest: those that fall together stand together */
        uint32_t m = 0;
        for (uint32_t i = 0; i < n; i++) {
            int64_t bucket = buckets[i].bucket >> halve;
            uint32_t count = buckets[i].count;
            if (m && buckets[m - 1].bucket == bucket) buckets[m - 1].count += count;
            else { buckets[m].bucket = bucket; buckets[m++].count = count; }
        }
        n = m;
        shift += halve;
        if (n <= (uint32_t)cap) break;
    }
    PyObject *out = PyDict_New();
    for (uint32_t i = 0; out && i < n; i++) {
        PyObject *key = PyLong_FromLongLong(buckets[i].bucket), *count = PyLong_FromUnsignedLong(buckets[i].count);
        if (!key || !count || PyDict_SetItem(out, key, count) < 0) Py_CLEAR(out);
        Py_XDECREF(key);
        Py_XDECREF(count);
    }
    free(buckets);
    return out ? Py_BuildValue("iN", shift, out) : NULL;
}

typedef struct { int64_t time, position; } Point;

static int by_point(const void *a, const void *b) {
    const Point *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return x->position < y->position ? -1 : x->position > y->position;
}

/* At most `cap` of each end of the points, in order, as a list of tuples. */
static PyObject *both_ends(Point *points, uint32_t n, uint32_t cap) {
    for (uint32_t i = 1; i < n; i++)
        if (points[i].time < points[i - 1].time) { qsort(points, n, sizeof *points, by_point); break; }
    PyObject *out = PyList_New(0);
    for (uint32_t i = 0; out && i < n; i++) {
        if (n > 2 * cap && i == cap) i = n - cap;
        PyObject *item = Py_BuildValue("LL", (long long)points[i].time, (long long)points[i].position);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

PyDoc_STRVAR(signature_doc,
"signature(number, cap, limit, examples) -> (ends, [(line rank, event)], cut, first event, {path: count}, first time, last time)\n\n"
"Of one signature: both ends of its events, its `examples` lines of smallest rank up to `limit`, the earliest event.");

static PyObject *signature(Kernel *k, PyObject *args) {
    int number, cap, examples;
    unsigned long long limit;
    uint32_t first, end;
    if (!PyArg_ParseTuple(args, "iiKi", &number, &cap, &limit, &examples)) return NULL;
    extent(k, number, &first, &end);
    uint32_t n = end - first, kept_count = 0, cut = 0, earliest = 0;
    Point *points = malloc((n + 1) * sizeof *points);
    uint64_t best[64];
    uint32_t best_at[64];
    PyObject *paths = PyDict_New(), *samples = PyList_New(0), *out = NULL;
    if (!points || !paths || !samples) goto done;
    if (examples > 64) examples = 64;
    uint32_t counts_at[64], counts[64], count_n = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = k->order[first + i];
        Event *e = &k->events[at];
        points[i].time = e->time;
        points[i].position = k->source + e->number;
        if (!i || points[i].time < points[earliest].time) earliest = i;
        uint64_t rank = k->line_ranks[at];
        if (rank > limit) cut = 1;
        else {
            uint32_t j = kept_count;
            if (kept_count == (uint32_t)examples) {
                cut = 1;
                if (rank > best[kept_count - 1]) j = NONE;
                else j = --kept_count;
            }
            if (j != NONE) {
                while (j && best[j - 1] > rank) { best[j] = best[j - 1]; best_at[j] = best_at[j - 1]; j--; }
                best[j] = rank;
                best_at[j] = at;
                kept_count++;
            }
        }
        for (uint32_t d = 0; d < e->id_count; d++) {
            uint32_t path = k->ids[e->ids + d].path, j = 0;
            while (j < count_n && counts_at[j] != path) j++;
            if (j == count_n) {
                if (count_n == 64) { PyErr_SetString(PyExc_OverflowError, "too many keys"); goto done; }
                counts_at[count_n] = path;
                counts[count_n++] = 0;
            }
            counts[j]++;
        }
    }
    for (uint32_t j = 0; j < count_n; j++) {
        PyObject *key = PyLong_FromUnsignedLong(counts_at[j]), *count = PyLong_FromUnsignedLong(counts[j]);
        int bad = !key || !count || PyDict_SetItem(paths, key, count) < 0;
        Py_XDECREF(key);
        Py_XDECREF(count);
        if (bad) goto done;
    }
    for (uint32_t j = 0; j < kept_count; j++) {
        PyObject *item = Py_BuildValue("KI", (unsigned long long)best[j], best_at[j]);
        if (!item || PyList_Append(samples, item) < 0) { Py_XDECREF(item); goto done; }
        Py_DECREF(item);
    }
    {
        uint32_t first_event = n ? k->order[first + earliest] : 0;
        int64_t low = n ? points[earliest].time : 0;
        PyObject *ends = both_ends(points, n, (uint32_t)cap);
        if (ends) out = Py_BuildValue("NOiIOLL", ends, samples, (int)cut, first_event, paths, (long long)low, (long long)(n ? points[n - 1].time : 0));
    }
done:
    free(points);
    Py_XDECREF(paths);
    Py_XDECREF(samples);
    if (!out && !PyErr_Occurred()) PyErr_NoMemory();
    return out;
}

typedef struct { uint64_t rank; uint32_t intern, event; } Told;

static int by_told(const void *a, const void *b) {
    const Told *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return x->event < y->event ? -1 : x->event > y->event;
}

static PyObject *earliest(Kernel *k, uint32_t *told, uint32_t n) {
    int64_t time = INT64_MAX;
    PyObject *out = PyList_New(0);
    for (uint32_t i = 0; i < n; i++)
        if (k->events[told[i]].time < time) time = k->events[told[i]].time;
    for (uint32_t i = 0; out && i < n; i++) {
        if (k->events[told[i]].time != time) continue;
        PyObject *item = PyLong_FromUnsignedLong(told[i]);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

/* A value of a key: its events are [first, first + count) of a list. */
typedef struct { uint64_t rank; uint32_t intern, count, first; } Valued;

static int by_rank(const void *a, const void *b) {
    const Valued *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

PyDoc_STRVAR(key_doc,
"key(signature, path, limits, caps, known) -> (stories, cut, ranks | None, cut, lines, cut)\n\n"
"Of the values of one id key: stories [(rank, value, count, ends, events of the earliest time | None)] of the smallest ranks up to limits[0], bare ranks up to\n"
"limits[1] with those `known` (both 64 bits each, in order; None where all were), lines [(line rank, value, rank)] up to limits[2]; caps: values, ranks, events\n"
"at each end of a story.");

/* The smallest `cap` ranks of both, in order; NULL without an error where all were known. */
static PyObject *smallest(const uint64_t *known, size_t known_count, const uint64_t *seen, size_t seen_count, size_t cap, int *cut) {
    uint64_t *out = malloc((known_count + seen_count + 1) * sizeof *out);
    size_t n = 0, fresh = 0;
    if (!out) return PyErr_NoMemory();
    for (size_t i = 0, j = 0; i < known_count || j < seen_count;) {
        if (j >= seen_count || (i < known_count && known[i] < seen[j])) out[n++] = known[i++];
        else if (i < known_count && known[i] == seen[j]) j++;
        else { out[n++] = seen[j++]; fresh++; }
    }
    if (n > cap) { n = cap; *cut = 1; }
    PyObject *bytes = fresh ? PyBytes_FromStringAndSize((const char *)out, n * sizeof *out) : NULL;
    free(out);
    return bytes;
}

static PyObject *key_sample(Kernel *k, PyObject *args) {
    int number, cap, ranks_cap, story_cap;
    unsigned int path;
    unsigned long long limit, ranks_limit, lines_limit;
    uint32_t first, end, n = 0, ln = 0, values = 0;
    Py_buffer known;
    if (!PyArg_ParseTuple(args, "iI(KKK)(iii)y*", &number, &path, &limit, &ranks_limit, &lines_limit, &cap, &ranks_cap, &story_cap, &known))
        return NULL;
    extent(k, number, &first, &end);
    uint32_t most = 0;
    for (uint32_t i = first; i < end; i++) most += k->events[k->order[i]].id_count;
    Told *told = malloc((most + 1) * sizeof *told), *lines = malloc((most + 1) * sizeof *lines);
    Valued *valued = malloc((most + 1) * sizeof *valued);
    uint32_t *at_event = malloc((most + 1) * sizeof *at_event), *alike = malloc((most + 1) * sizeof *alike), *of_intern = k->of_intern;
    Point *points = malloc((most + 1) * sizeof *points);
    uint64_t *seen = malloc((most + 1) * sizeof *seen);
    PyObject *stories = PyList_New(0), *ranks = NULL, *line_list = PyList_New(0), *out = NULL;
    int stories_cut = 0, ranks_cut = 0, lines_cut = 0;
    if (!told || !lines || !valued || !at_event || !alike || !points || !stories || !seen || !line_list) goto done;
    for (uint32_t i = first; i < end; i++) {
        uint32_t at = k->order[i];
        Event *e = &k->events[at];
        for (uint32_t d = 0; d < e->id_count; d++) {
            EventId *id = &k->ids[e->ids + d];
            if (id->path != path) continue;
            uint64_t rank = k->ranks[id->intern];
            if (rank > limit) stories_cut = 1;
            if (rank > ranks_limit) ranks_cut = 1;
            if (rank <= limit || rank <= ranks_limit) {
                uint32_t v = of_intern[id->intern];
                if (v == NONE) {
                    v = of_intern[id->intern] = values++;
                    valued[v].rank = rank;
                    valued[v].intern = id->intern;
                    valued[v].count = 0;
                }
                valued[v].count++;
                told[n].intern = v;
                told[n++].event = at;
            }
            if (k->line_ranks[at] > lines_limit) lines_cut = 1;
            else {
                lines[ln].rank = k->line_ranks[at];
                lines[ln].intern = id->intern;
                lines[ln++].event = at;
            }
        }
    }
    for (uint32_t v = 0, sum = 0; v < values; v++) {
        valued[v].first = sum;
        sum += valued[v].count;
        valued[v].count = 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        Valued *v = &valued[told[i].intern];
        at_event[v->first + v->count++] = told[i].event;
    }
    qsort(valued, values, sizeof *valued, by_rank);
    int distinct = 0, seen_count = 0;
    for (uint32_t i = 0; i < values; distinct++) {
        uint32_t j = i, count = 0;
        uint64_t rank = valued[i].rank;
        int story = rank <= limit && distinct < cap;
        if (rank <= limit && !story) stories_cut = 1;
        for (; j < values && valued[j].rank == rank; j++) { /* one, but for a text and a number that are alike */
            Valued *v = &valued[j];
            for (uint32_t q = 0; story && q < v->count; q++) {
                uint32_t at = alike[count + q] = at_event[v->first + q];
                points[count + q].time = k->events[at].time;
                points[count + q].position = k->source + k->events[at].number;
            }
            count += v->count;
        }
        if (story) {
            if (j > i + 1) qsort(points, count, sizeof *points, by_point);
            PyObject *ends = both_ends(points, count, (uint32_t)story_cap);
            PyObject *at = ends && path == JWT ? earliest(k, alike, count) : Py_BuildValue("");
            PyObject *item = ends && at ? Py_BuildValue("KIINN", (unsigned long long)rank, valued[i].intern, count, ends, at) : NULL;
            if (!item || PyList_Append(stories, item) < 0) { Py_XDECREF(item); goto done; }
            Py_DECREF(item);
        }
        if (rank <= ranks_limit) {
            if (distinct >= ranks_cap) ranks_cut = 1;
            else seen[seen_count++] = rank;
        }
        i = j;
    }
    ranks = smallest(known.buf, known.len / 8, seen, seen_count, ranks_cap, &ranks_cut);
    if (!ranks && PyErr_Occurred()) goto done;
    if (!ranks) ranks = Py_BuildValue("");
    qsort(lines, ln, sizeof *lines, by_told);
    for (uint32_t i = 0; i < ln; i++) {
        if (i >= (uint32_t)cap) { lines_cut = 1; break; }
        PyObject *item = Py_BuildValue("KIK", (unsigned long long)lines[i].rank, lines[i].intern,
                                       (unsigned long long)k->ranks[lines[i].intern]);
        if (!item || PyList_Append(line_list, item) < 0) { Py_XDECREF(item); goto done; }
        Py_DECREF(item);
    }
    out = Py_BuildValue("OiOiOi", stories, stories_cut, ranks, ranks_cut, line_list, lines_cut);
done:
    for (uint32_t v = 0; v < values; v++) of_intern[valued[v].intern] = NONE;
    PyBuffer_Release(&known);
    free(told);
    free(lines);
    free(valued);
    free(at_event);
    free(alike);
    free(points);
    free(seen);
    Py_XDECREF(stories);
    Py_XDECREF(ranks);
    Py_XDECREF(line_list);
    if (!out && !PyErr_Occurred()) PyErr_NoMemory();
    return out;
}

static PyObject *one_event(Kernel *k, Event *e) {
    PyObject *ranks = PyTuple_New(e->id_count);
    for (uint32_t d = 0; ranks && d < e->id_count; d++) {
        PyObject *rank = PyLong_FromUnsignedLongLong(k->ranks[k->ids[e->ids + d].intern]);
        if (!rank) { Py_CLEAR(ranks); break; }
        PyTuple_SetItem(ranks, d, rank);
    }
    if (!ranks) return NULL;
    return Py_BuildValue("LLIiNLI", (long long)e->time, (long long)(k->source + e->number), e->signature, (int)e->failing, ranks,
                         (long long)e->offset, e->size);
}

PyDoc_STRVAR(events_doc, "events(first, end) -> [(time, position, signature, failing, ranks, offset, size)]");

static PyObject *events(Kernel *k, PyObject *args) {
    unsigned int first, end;
    if (!PyArg_ParseTuple(args, "II", &first, &end)) return NULL;
    PyObject *out = PyList_New(0);
    for (uint32_t i = first; out && i < end && i < k->event_count; i++) {
        PyObject *item = one_event(k, &k->events[i]);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

PyDoc_STRVAR(near_doc, "near(first, end, position) -> (position, time) of the last event before a position | None");

static PyObject *near(Kernel *k, PyObject *args) {
    unsigned int first, end;
    long long position;
    if (!PyArg_ParseTuple(args, "IIL", &first, &end, &position)) return NULL;
    uint32_t low = first, high = end < k->event_count ? end : k->event_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (k->source + k->events[middle].number < position) low = middle + 1;
        else high = middle;
    }
    if (low <= first) Py_RETURN_NONE;
    return Py_BuildValue("LL", (long long)(k->source + k->events[low - 1].number), (long long)k->events[low - 1].time);
}

/* The sampled events are done with: the others move to the front, and values that no event needs may go. */
static PyObject *drop(Kernel *k, PyObject *unused) {
    uint32_t n = k->sampled, ids = n < k->event_count ? k->events[n].ids : k->id_count;
    if (n) memmove(k->events, k->events + n, (k->event_count - n) * sizeof *k->events);
    if (ids) memmove(k->ids, k->ids + ids, (k->id_count - ids) * sizeof *k->ids);
    k->event_count -= n;
    k->id_count -= ids;
    k->settled = k->settled > n ? k->settled - n : 0;
    k->sampled = k->signature_count = 0;
    for (uint32_t i = 0; i < k->event_count; i++) k->events[i].ids -= ids;
    if (k->crowded || k->intern_count > MAX_INTERNS / 2 || k->values.len > MAX_VALUES / 2) {
        rank_ids(k);
        Arena old = k->values;
        Intern *known = k->interns, *fresh = malloc(MAX_INTERNS * sizeof *fresh);
        uint64_t *ranks = malloc(MAX_INTERNS * sizeof *ranks), *known_ranks = k->ranks;
        if (!fresh || !ranks) { free(fresh); free(ranks); return PyErr_NoMemory(); }
        k->interns = fresh;
        k->ranks = ranks;
        k->intern_count = 0;
        k->crowded = 0;
        memset(&k->values, 0, sizeof k->values);
        memset(k->intern_table, 0xff, 2 * MAX_INTERNS * sizeof(uint32_t));
        uint32_t kept_ids = 0;
        for (uint32_t i = 0; i < k->id_count; i++, kept_ids++) {
            Intern copy = known[k->ids[i].intern];
            uint32_t at = (uint32_t)copy.hash & (2 * MAX_INTERNS - 1), found;
            for (; (found = k->intern_table[at]) != NONE; at = (at + 1) & (2 * MAX_INTERNS - 1)) {
                Intern *v = &k->interns[found];
                if (v->hash == copy.hash && v->path == copy.path && v->process == copy.process && v->is_text == copy.is_text &&
                    v->value_len == copy.value_len && !memcmp(k->values.data + v->value, old.data + copy.value, copy.value_len))
                    break;
            }
            if (found == NONE) {
                if (!arena_add(&k->values, old.data + copy.value, copy.value_len, &copy.value)) break;
                found = k->intern_table[at] = k->intern_count;
                ranks[found] = known_ranks[k->ids[i].intern];
                k->interns[k->intern_count++] = copy;
            }
            k->ids[i].intern = found;
        }
        free(known);
        free(known_ranks);
        free(old.data);
        k->ranked_count = k->intern_count;
        if (kept_ids < k->id_count) return PyErr_NoMemory();
#ifdef __GLIBC__
        if (++k->compacted % TRIM == 0) malloc_trim(0); /* what lies free between what is held would grow with the log */
#endif
    }
    uint32_t oldest = k->next_index;
    for (uint32_t i = 0; i < k->event_count; i++)
        if (k->events[i].variant < oldest) oldest = k->events[i].variant;
    return PyLong_FromUnsignedLong(oldest);
}
