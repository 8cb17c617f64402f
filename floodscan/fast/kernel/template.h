/* Templates: a line that was walked, cut into what must stand as it is and what may vary. A line that fits one would be
walked to the same slots and has the same form, so it is neither walked nor looked up. */

static void forget_templates(Kernel *k) {
    memset(k->templates, 0xff, MAX_TEMPLATES * sizeof *k->templates);
    k->template_texts.len = k->hole_count = 0;
}

/* Tells templates apart, mostly: some bytes of a line's begin and its last ones that are no digits. */
static uint32_t template_hash(const char *p, const char *end) {
    char last[12] = {0};
    int n = 0;
    const char *stop = end - p > 48 ? end - 48 : p;
    for (const char *c = end; n < 12 && c > stop;) {
        last[n] = *--c;
        n += !is_digit(*c);
    }
    if (n < 12) last[n] = 0;
    uint64_t a = end - p >= 12 ? load64(p + 4) : 0, b = load64(last), c = load64(last + 4);
    return (uint32_t)(mix(a * 0x9fb21c651e98df25ull ^ mix(b ^ c * 0xd6e8feb86659fd93ull)) >> 32);
}

/* A slot whose value a line must share with the one that was walked: it is kept, or has no digits to be masked. */
static int is_fixed(Slot *s, int form) {
    if (!is_cut(s, form)) return 1;
    if (s->policy != MESSAGE && s->policy != SAID) return 0;
    for (uint32_t i = 0; i < s->len; i++)
        if (is_digit(s->p[i])) return 0;
    return 1;
}

/* The line that was walked last, which is of this variant by its form, is kept as a template. */
static void put_template(Kernel *k, uint32_t hash, uint32_t variant, int form, const char *p, const char *end) {
    if (k->hole_count + k->slot_count > MAX_HOLES || k->template_texts.len + 2 * (end - p) > MAX_TEMPLATE_TEXT) forget_templates(k);
    if (!room((void **)&k->holes, &k->hole_room, k->hole_count + k->slot_count, sizeof *k->holes)) return;
    Template made = {hash, variant, k->hole_count, (uint32_t)k->slot_count, 0, 0}, *way = &k->templates[(hash % (MAX_TEMPLATES / WAYS)) * WAYS];
    for (int i = 0; i < k->slot_count; i++) {
        Slot *s = &k->slots[i];
        Hole *hole = &k->holes[made.hole + i];
        memset(hole, 0, sizeof *hole);
        hole->path = s->path;
        hole->policy = s->policy;
        hole->is_text = s->is_text;
        hole->fixed = (uint8_t)is_fixed(s, form);
        hole->empty = !s->len;
        hole->before = (uint32_t)(s->p - p);
        hole->size = hole->before + (hole->fixed ? s->len : 0);
        if (!arena_add(&k->template_texts, p, hole->size, &hole->text)) return;
        if (!hole->fixed && (s->policy == MESSAGE || s->policy == SAID)) {
            hole->masked_len = (uint32_t)(masked(s->p, s->len, k->canon) - k->canon);
            if (!arena_add(&k->template_texts, k->canon, hole->masked_len, &hole->masked)) return;
        }
        p = s->p + s->len;
    }
    made.tail_len = (uint32_t)(end - p);
    if (!arena_add(&k->template_texts, p, made.tail_len, &made.tail)) return;
    k->hole_count += made.hole_count;
    memmove(way + 1, way, (WAYS - 1) * sizeof *way);
    *way = made;
}

/* The value of a hole, from p on, into its slot, as walk() would; NULL where it would do otherwise. */
static const char *fill(Kernel *k, const Hole *hole, Slot *s, const char *p, const char *end) {
    const char *start = p;
    int odd = 0;
    if (hole->is_text == 1) {
        p = string_end(p, end, &odd);
        if (!p || odd) return NULL;
    } else {
        p = number_end(p, end, &odd); /* odd: a whole number */
        if (!p || (hole->is_text == FRACTION) == odd) return NULL;
    }
    uint32_t len = (uint32_t)(p - start);
    if (hole->empty != !len || !may_be_slot(start, len, hole->is_text)) return NULL;
    s->path = hole->path; s->p = start; s->len = len; s->policy = hole->policy; s->is_text = hole->is_text;
    switch (hole->policy) {
    case MESSAGE:
    case SAID:
        if (len != hole->masked_len) return NULL; /* masks keep the length */
        masked(start, len, k->canon);
        return memcmp(k->canon, k->template_texts.data + hole->masked, len) ? NULL : p;
    case TIME: return (hole->is_text ? iso_time(start, len, &k->time) : number_time(start, len, &k->time)) ? p : NULL;
    case PROCESS:
        if (hole->is_text) { k->host = start; k->host_len = len; }
        else if (!is_pid(start)) return NULL;
        else { k->pid = start; k->pid_len = len; }
    }
    return p;
}

static int fits(Kernel *k, const Template *t, const char *p, const char *end) {
    const char *texts = k->template_texts.data;
    const Hole *hole = k->holes + t->hole, *last = hole + t->hole_count;
    k->pid = k->host = NULL;
    k->pid_len = k->host_len = 0;
    for (Slot *s = k->slots; hole < last; hole++, s++) {
        if ((size_t)(end - p) < hole->size || memcmp(p, texts + hole->text, hole->size)) return 0;
        p += hole->before;
        if (hole->fixed) {
            s->path = hole->path; s->p = p; s->len = hole->size - hole->before; s->policy = hole->policy; s->is_text = hole->is_text;
            p += s->len;
        } else if (!(p = fill(k, hole, s, p, end)))
            return 0;
    }
    return end - p == t->tail_len && !memcmp(p, texts + t->tail, t->tail_len);
}

/* The variant of a line that fits a template, its slots filled as if it had been walked; NULL where none fits. */
static Variant *by_template(Kernel *k, uint32_t hash, const char *p, const char *end) {
    Template *way = &k->templates[(hash % (MAX_TEMPLATES / WAYS)) * WAYS];
    for (int i = 0; i < WAYS && end - p <= MAX_LINE; i++) {
        if (way[i].hash != hash || way[i].variant == NONE || !fits(k, &way[i], p, end)) continue;
        Template found = way[i];
        if (i) { memmove(way + 1, way, i * sizeof *way); *way = found; }
        k->slot_count = (int)found.hole_count;
        return &k->variants[found.variant];
    }
    return NULL;
}
