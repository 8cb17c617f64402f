/* A line's canonical forms, and the variant that it is one of. */

static int is_cut(const Slot *s, int form) {
    if (form == EXACT_FORM) return s->policy == LOOSE || s->policy == PROCESS || s->policy == TIME;
    return s->policy != KEEP && (s->policy != SAID || form == LOOSE_FORM || form == WORDLESS_FORM);
}

/* A line in one of its forms: in the saying form what an error says is kept, in the exact one all but a few values, in the
wordless ones what the first two have but the message's plain words. Its length is 0 where it has no such form. */
static uint64_t canonical(Kernel *k, const char *p, const char *end, int form) {
    char *out = k->canon;
    int wordless = 0;
    k->canon_len = 0;
    *out++ = (char)(1 + form + FORMS * k->layout);
    for (int i = 0; i < k->slot_count; i++) {
        Slot *s = &k->slots[i];
        if (!is_cut(s, form)) continue;
        memcpy(out, p, s->p - p);
        out += s->p - p;
        if (s->policy == MESSAGE && form >= WORDLESS_FORM) {
            if (words_of(k, s->p, s->len) < 1 || wordless++) return 0;
            out = sentence(s->p, s->len, k->words, k->word_count, out);
        } else if (s->policy == MESSAGE || s->policy == SAID) out = masked(s->p, s->len, out);
        else *out++ = s->is_text == FRACTION ? 5 : s->len ? 3 : 4;
        p = s->p + s->len;
    }
    if (form >= WORDLESS_FORM && !wordless) return 0;
    memcpy(out, p, end - p);
    out += end - p;
    k->canon_len = (uint32_t)(out - k->canon);
    return hash_bytes(k->canon, k->canon_len, 1 + form);
}

static Variant *find(Kernel *k, uint64_t hash, uint32_t *at) {
    *at = (uint32_t)hash & (2 * MAX_VARIANTS - 1);
    for (;; *at = (*at + 1) & (2 * MAX_VARIANTS - 1)) {
        uint32_t found = k->variant_table[*at];
        if (found == NONE) return NULL;
        Variant *v = &k->variants[found];
        if (v->hash == hash && v->canon_len == k->canon_len && !memcmp(k->canons.data + v->canon, k->canon, k->canon_len)) return v;
    }
}

/* Whether a form was met before: the first of its kind is not worth learning. A Bloom filter of three bits, forgotten when a
quarter of it is set: then it is wrong about one new form in sixty. */
static int met(Kernel *k, uint64_t hash) {
    int before = 1;
    for (int i = 0; i < 3; i++, hash >>= 20) {
        uint32_t bit = (uint32_t)hash & (DOORS - 1);
        if (k->doors[bit >> 3] & (1 << (bit & 7))) continue;
        before = 0;
        k->doors[bit >> 3] |= (uint8_t)(1 << (bit & 7));
        k->doors_set++;
    }
    if (k->doors_set > DOORS / 4) {
        memset(k->doors, 0, DOORS / 8);
        k->doors_set = 0;
    }
    return before;
}
