/* The values of a line: processes, ids, and what is sampled by value. */

static uint32_t process_of(Kernel *k) {
    char name[1200];
    if (k->pid_len + k->host_len + 1 > sizeof name) return NONE;
    uint32_t n = k->pid_len;
    memcpy(name, k->pid ? k->pid : "", n);
    name[n++] = 1;
    memcpy(name + n, k->host ? k->host : "", k->host_len);
    n += k->host_len;
    uint64_t hash = hash_bytes(name, n, 77);
    uint32_t at = (uint32_t)hash & (2 * MAX_PROCESSES - 1);
    for (;; at = (at + 1) & (2 * MAX_PROCESSES - 1)) {
        uint32_t found = k->process_table[at];
        if (found == NONE) break;
        Process *p = &k->processes[found];
        if (p->hash == hash && p->name_len == n && !memcmp(k->names.data + p->name, name, n)) return found;
    }
    if (k->process_count >= MAX_PROCESSES) return NONE;
    Process *p = &k->processes[k->process_count];
    p->hash = hash;
    p->name_len = n;
    if (!arena_add(&k->names, name, n, &p->name)) return NONE;
    k->process_table[at] = k->process_count;
    return k->process_count++;
}

static int has(const char *p, uint32_t n, const char *what, uint32_t m) {
    if (n < m) return 0;
    const char *end = p + n - m + 1;
    while (p < end && (p = memchr(p, what[0], end - p))) {
        if (!memcmp(p, what, m)) return 1;
        p++;
    }
    return 0;
}

/* Whether a text may carry a token (see ids.py). */
static int may_carry(const char *p, uint32_t n, int form) {
    if (has(p, n, "eyJ", 3)) return 1;
    if (form == SKIP) return 0;
    if (has(p, n, "earer ", 6)) return 1;
    if (!memchr(p, '=', n)) return 0;
    return has(p, n, "token=", 6) || has(p, n, "jwt=", 4) || has(p, n, "key=", 4) || has(p, n, "auth=", 5);
}

static int is_name(const char *p, uint32_t n) {
    uint32_t named = 0;
    for (uint32_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        named += (unsigned)(c - '0') < 10 || (unsigned)((c | 0x20) - 'a') < 26 || c == '-' || c == '_';
    }
    return named == n;
}

/* The length of the IPv4 address, perhaps mapped into IPv6, perhaps with a port, that a text is; 0 where it is none. */
static uint32_t ipv4(const char **text, uint32_t n) {
    const char *p = *text, *end = p + n;
    if (n > 7 && !memcmp(p, "::ffff:", 7)) p += 7;
    const char *start = p;
    for (int i = 0; i < 4; i++) {
        int digits = 0;
        while (p < end && is_digit(*p) && digits < 4) { p++; digits++; }
        if (!digits || digits > 3) return 0;
        if (i < 3) {
            if (p >= end || *p != '.') return 0;
            p++;
        }
    }
    const char *stop = p;
    if (p < end) {
        if (*p != ':' || end - p < 2 || end - p > 6) return 0;
        for (p++; p < end; p++)
            if (!is_digit(*p)) return 0;
    }
    *text = start;
    return (uint32_t)(stop - start);
}

/* Whether a value's form shows that it is an id, and what of it has a rank; 0 where Python must be asked. */
static int id_by_form(Path *path, Slot *s, const char **p, uint32_t *n) {
    *p = s->p;
    *n = s->len;
    if (!s->is_text) return 1;
    if (path->form != ID && path->form != PLAIN) return 0;
    if (*n == 36 && is_uuid(*p)) return 1;
    if (*n <= 53 && (is_digit(**p) || **p == ':')) {
        uint32_t address = ipv4(p, *n);
        if (address) {
            *n = address;
            return 1;
        }
        return path->form == ID && is_name(*p, *n);
    }
    return path->form == ID && *n <= 128 && is_name(*p, *n) && !has(*p, *n, "eyJ", 3);
}

/* A short id counts within its process alone: the text that has its rank, in `text`; 0 where the process has no name. */
static uint32_t within(Kernel *k, uint32_t process, const char *p, uint32_t n, char *text) {
    Process *of = &k->processes[process];
    uint32_t m = of->name_len;
    memcpy(text, k->names.data + of->name, m);
    char *at = memchr(text, 1, m);
    if (at == text) { memmove(text, text + 1, --m); }
    else if (at == text + m - 1) m--;
    else *at = '@';
    if (!m) return 0;
    text[m++] = 0;
    memcpy(text + m, p, n);
    return m + n;
}

/* The lowest bit of an id's rank tells whether its key may name an attempt. */
static uint64_t as_rank(Kernel *k, Intern *v, uint64_t rank) { return (rank & ~1ull) | k->paths[v->path].attempt; }

/* Reckons the ranks that are due: of several values at once. */
static void rank_ids(Kernel *k) {
    uint8_t texts[LANES][128];
    uint32_t n[LANES], due[LANES];
    int lanes = 0, together = has_lanes();
    for (; k->ranked_count < k->intern_count; k->ranked_count++) {
        Intern *v = &k->interns[k->ranked_count];
        const char *p = k->values.data + v->value + v->ranked_at;
        if (!v->ranked_len) continue;
        if (!together) {
            k->ranks[k->ranked_count] = as_rank(k, v, rank_of(p, v->ranked_len));
            continue;
        }
        memset(texts[lanes], 0, sizeof texts[lanes]);
        memcpy(texts[lanes], p, n[lanes] = v->ranked_len);
        due[lanes++] = k->ranked_count;
        if (lanes < LANES) continue;
        uint64_t ranks[LANES];
        rank_lanes(texts, n, ranks);
        for (lanes = LANES; lanes; lanes--) k->ranks[due[lanes - 1]] = as_rank(k, &k->interns[due[lanes - 1]], ranks[lanes - 1]);
    }
    while (lanes--) k->ranks[due[lanes]] = as_rank(k, &k->interns[due[lanes]], rank_of((const char *)texts[lanes], n[lanes]));
}

/* A value that may be an id, and where it may be known. */
typedef struct { Slot *slot; uint64_t hash; uint32_t process; } Wanted;

static Wanted wanted(Kernel *k, Slot *s, uint32_t process) {
    /* What is left of a longer value, an address without its port, has more than eight characters; of a list it may not. */
    if (!(k->paths[s->path].attempt && (s->len <= 21 || memchr(s->p, ',', s->len)))) process = NONE;
    Wanted w = {s, hash_bytes(s->p, s->len, ((uint64_t)process << 32) ^ (s->path * 2 + s->is_text)), process};
    PREFETCH(&k->intern_table[(uint32_t)w.hash & (2 * MAX_INTERNS - 1)]);
    return w;
}

static Intern *intern(Kernel *k, const Wanted *w) {
    Slot *s = w->slot;
    Path *path = &k->paths[s->path];
    uint64_t hash = w->hash;
    uint32_t process = w->process, at = (uint32_t)hash & (2 * MAX_INTERNS - 1);
    for (;; at = (at + 1) & (2 * MAX_INTERNS - 1)) {
        uint32_t found = k->intern_table[at];
        if (found == NONE) break;
        Intern *v = &k->interns[found];
        if (v->hash == hash && v->path == s->path && v->process == process && v->value_len == s->len &&
            v->is_text == s->is_text && !memcmp(k->values.data + v->value, s->p, s->len))
            return v;
    }
    if (k->intern_count >= MAX_INTERNS - 1 || k->values.len > MAX_VALUES) { k->crowded = 1; return NULL; }
    Intern fresh = {hash, s->path, process, 0, s->len, 1, s->is_text, 0, 0};
    uint64_t *rank = &k->ranks[k->intern_count];
    const char *p;
    char text[1400];
    uint32_t n, m = 0, at_text;
    if (id_by_form(path, s, &p, &n)) {
        if (path->attempt && n <= 8 && process != NONE) m = within(k, process, p, n, text);
        if (m > 128) *rank = as_rank(k, &fresh, rank_of(text, m));
        else {
            fresh.ranked_at = (uint8_t)(m ? s->len : p - s->p);
            fresh.ranked_len = (uint8_t)(m ? m : n);
        }
    } else {
        PyObject *told = PyObject_CallFunction(k->identify, "ky#ik", (unsigned long)s->path, s->p, (Py_ssize_t)s->len,
                                               (int)s->is_text, (unsigned long)process);
        if (!told) { k->failed = 1; return NULL; }
        *rank = PyLong_AsUnsignedLongLong(told);
        Py_DECREF(told);
        if (PyErr_Occurred()) { k->failed = 1; return NULL; }
        fresh.state = *rank == NO_ID ? 0 : *rank == NOT_TAKEN ? -1 : *rank >> 63 ? 2 + (int)(*rank & 1) : 1;
        if (*rank >> 63) *rank &= ~(1ull << 63 | 1);
    }
    if (!arena_add(&k->values, s->p, s->len, &fresh.value) || (m && m <= 128 && !arena_add(&k->values, text, m, &at_text))) {
        k->crowded = 1;
        return NULL;
    }
    k->intern_table[at] = k->intern_count;
    k->interns[k->intern_count] = fresh;
    return &k->interns[k->intern_count++];
}

/* `may_vary` in proof.py. */
static int may_vary(Slot *s) {
    for (uint32_t i = 0; i < s->len; i++)
        if (is_digit(s->p[i]) || s->p[i] == '-') return 1;
    return 0;
}

/* The rank of a text that may well have been asked for lately. */
static uint64_t rank_again(Kernel *k, const char *p, uint32_t n) {
    uint64_t hash = hash_bytes(p, n, 5);
    Ranked *of = &k->ranked[hash % MAX_RANKED];
    if (!n || n > sizeof of->text) return rank_of(p, n);
    if (of->len != n || memcmp(of->text, p, n)) {
        of->rank = rank_of(p, n);
        of->len = (uint8_t)n;
        memcpy(of->text, p, n);
    }
    return of->rank;
}

/* Whether a value of a detail is in its sample, or beyond it for good; 0: it must go the plain way, and will have. */
static int sampled_before(Kernel *k, uint32_t signature, uint8_t detail, const char *p, uint32_t n) {
    uint64_t rank = rank_again(k, p, n);
    uint32_t at = (uint32_t)mix(((uint64_t)signature << 8) | detail) & (2 * MAX_SKETCHES - 1);
    Sketch *of = NULL;
    for (;; at = (at + 1) & (2 * MAX_SKETCHES - 1)) {
        uint32_t found = k->sketch_table[at];
        if (found == NONE) break;
        of = &k->sketches[found];
        if (of->signature == signature && of->detail == detail) break;
        of = NULL;
    }
    if (!of) {
        if (k->sketch_count >= MAX_SKETCHES - 1) return 0;
        k->sketch_table[at] = k->sketch_count;
        of = &k->sketches[k->sketch_count++];
        memset(of, 0, sizeof *of);
        of->signature = signature;
        of->detail = detail;
    }
    for (uint32_t i = 0; i < of->count; i++)
        if (of->ranks[i] == rank) return 1;
    if (of->count == k->sketch_cap && rank > of->ranks[of->count - 1]) {
        of->cut = 1;
        return 1;
    }
    uint32_t i = of->count < k->sketch_cap ? of->count++ : of->count - 1u;
    for (; i && of->ranks[i - 1] > rank; i--) of->ranks[i] = of->ranks[i - 1];
    of->ranks[i] = rank;
    return 0;
}

static int slot_sampled(Kernel *k, uint32_t signature, Slot *s) {
    uint8_t detail = k->paths[s->path].detail;
    if (s->len > 300 || ((detail & OF_DELAY) && (s->is_text || *s->p == '-' || s->len > 11))) return 0;
    return sampled_before(k, signature, detail, s->p, s->len);
}
