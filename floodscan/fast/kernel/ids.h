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
    for (uint32_t i = 0; i < n; i++)
        if (!is_digit(p[i]) && !(p[i] >= 'a' && p[i] <= 'z') && !(p[i] >= 'A' && p[i] <= 'Z') && p[i] != '-' && p[i] != '_') return 0;
    return 1;
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

/* The rank of a value whose form is plain to see; 0 where Python must be asked. */
static int rank_by_form(Kernel *k, Path *path, Slot *s, uint32_t process, uint64_t *rank) {
    const char *p = s->p;
    uint32_t n = s->len;
    if (s->is_text) {
        if (path->form != ID && path->form != PLAIN) return 0;
        if (n == 36 && is_uuid(p)) {
        } else if (n <= 53 && (is_digit(*p) || *p == ':')) {
            uint32_t m = ipv4(&p, n);
            if (m) n = m;
            else if (path->form != ID || !is_name(p, n)) return 0;
        } else if (path->form != ID || n > 128 || !is_name(p, n) || has(p, n, "eyJ", 3))
            return 0;
    }
    if (path->attempt && n <= 8 && process != NONE) {
        char text[1400];
        Process *of = &k->processes[process];
        uint32_t m = of->name_len;
        memcpy(text, k->names.data + of->name, m);
        char *at = memchr(text, 1, m);
        if (at == text) { memmove(text, text + 1, --m); }
        else if (at == text + m - 1) m--;
        else *at = '@';
        if (m) {
            text[m++] = 0;
            memcpy(text + m, p, n);
            *rank = rank_of(text, m + n) | 1;
            return 1;
        }
    }
    *rank = (rank_of(p, n) & ~1ull) | path->attempt;
    return 1;
}

static Intern *intern(Kernel *k, Slot *s, uint32_t process) {
    Path *path = &k->paths[s->path];
    /* What is left of a longer value, an address without its port, has more than eight characters; of a list it may not. */
    if (!(path->attempt && (s->len <= 21 || memchr(s->p, ',', s->len)))) process = NONE;
    uint64_t hash = hash_bytes(s->p, s->len, ((uint64_t)process << 32) ^ (s->path * 2 + s->is_text));
    uint32_t at = (uint32_t)hash & (2 * MAX_INTERNS - 1);
    for (;; at = (at + 1) & (2 * MAX_INTERNS - 1)) {
        uint32_t found = k->intern_table[at];
        if (found == NONE) break;
        Intern *v = &k->interns[found];
        if (v->hash == hash && v->path == s->path && v->process == process && v->value_len == s->len &&
            v->is_text == s->is_text && !memcmp(k->values.data + v->value, s->p, s->len))
            return v;
    }
    if (k->intern_count >= MAX_INTERNS - 1 || k->values.len > MAX_VALUES) { k->crowded = 1; return NULL; }
    Intern fresh = {hash, 0, s->path, process, 0, s->len, 1, s->is_text};
    if (!rank_by_form(k, path, s, process, &fresh.rank)) {
        PyObject *told = PyObject_CallFunction(k->identify, "ky#ik", (unsigned long)s->path, s->p, (Py_ssize_t)s->len,
                                               (int)s->is_text, (unsigned long)process);
        if (!told) { k->failed = 1; return NULL; }
        uint64_t rank = PyLong_AsUnsignedLongLong(told);
        Py_DECREF(told);
        if (PyErr_Occurred()) { k->failed = 1; return NULL; }
        fresh.state = rank == NO_ID ? 0 : rank == NOT_TAKEN ? -1 : rank >> 63 ? 2 + (rank & 1) : 1;
        fresh.rank = rank >> 63 ? rank & ~(1ull << 63 | 1) : rank;
    }
    if (!arena_add(&k->values, s->p, s->len, &fresh.value)) { k->crowded = 1; return NULL; }
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

/* Whether a detail's value is in its sample, or beyond it for good; 0: it must go the plain way, and will have. */
static int in_sample(Kernel *k, const char *p, uint32_t len, uint8_t detail, uint32_t signature) {
    uint64_t rank = rank_of(p, len);
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

static int sampled_before(Kernel *k, Slot *s, uint32_t signature) {
    uint8_t detail = k->paths[s->path].detail, of_delay = detail >> 7;
    if (s->len > 300 || (of_delay && (s->is_text || *s->p == '-' || s->len > 11))) return 0;
    return in_sample(k, s->p, s->len, detail, signature);
}

static int room(void **items, uint32_t *have, uint32_t want, size_t size) {
    if (want <= *have) return 1;
    uint32_t next = *have ? *have * 2 : 4096;
    while (next < want) next *= 2;
    void *grown = realloc(*items, next * size);
    if (!grown) return 0;
    *items = grown;
    *have = next;
    return 1;
}
