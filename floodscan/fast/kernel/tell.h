/* What messages tell: Python says where once for all messages that differ in ASCII digits alone, or in plain words too. */

static void forget_tellings(Kernel *k) {
    memset(k->telling_table, 0xff, 2 * MAX_TELLINGS * sizeof(uint32_t));
    k->telling_count = k->place_count = k->tellings_text.len = 0;
}

/* A place of a message as one of its sentence, where each plain word before it has two bytes; and back. */
static uint32_t in_sentence(uint32_t at, const Word *words, int count) {
    uint32_t out = at;
    for (int i = 0; i < count && words[i].start < at; i++) out -= words[i].len - 2;
    return out;
}

static uint32_t in_message(uint32_t at, const Word *words, int count) {
    for (int i = 0; i < count && words[i].start < at; i++) at += words[i].len - 2;
    return at;
}

static int add_place(Kernel *k, PyObject *told, uint32_t len, const Word *words, int count) {
    Place place;
    unsigned int detail;
    if (!PyArg_ParseTuple(told, "IIIIII", &detail, &place.start, &place.end, &place.scale, &place.fraction, &place.fraction_end)) return 0;
    if (place.start > place.end || place.end > len || place.fraction > place.fraction_end || place.fraction_end > len) {
        PyErr_SetString(PyExc_ValueError, "no place of the message");
        return 0;
    }
    place.detail = (uint8_t)detail;
    place.start = in_sentence(place.start, words, count);
    place.end = in_sentence(place.end, words, count);
    place.fraction = in_sentence(place.fraction, words, count);
    place.fraction_end = in_sentence(place.fraction_end, words, count);
    if (!room((void **)&k->places, &k->place_room, k->place_count + 1, sizeof *k->places)) { PyErr_NoMemory(); return 0; }
    k->places[k->place_count++] = place;
    return 1;
}

/* Asks Python; NULL where that failed. */
static Telling *tell(Kernel *k, Variant *v, Slot *s, const char *text, uint32_t len, uint64_t hash, const Word *words, int count) {
    if (k->telling_count >= MAX_TELLINGS || k->tellings_text.len > MAX_TELLINGS_TEXT) forget_tellings(k);
    Telling made = {hash, v->index, 0, len, k->place_count, -1};
    PyObject *told = PyObject_CallFunction(k->tells, "ky#", (unsigned long)v->index, s->p, (Py_ssize_t)s->len);
    if (told && told != Py_None) {
        made.count = 0;
        Py_ssize_t n = PyList_Size(told);
        for (Py_ssize_t i = 0; i < n; i++) {
            PyObject *one = PyList_GetItem(told, i);
            if (!one || !add_place(k, one, s->len, words, count)) break;
            made.count++;
        }
    }
    Py_XDECREF(told);
    if (!told || PyErr_Occurred() || !arena_add(&k->tellings_text, text, len, &made.text)) { k->failed = PyErr_Occurred() != NULL; return NULL; }
    uint32_t at = (uint32_t)hash & (2 * MAX_TELLINGS - 1);
    while (k->telling_table[at] != NONE) at = (at + 1) & (2 * MAX_TELLINGS - 1);
    k->telling_table[at] = k->telling_count;
    k->tellings[k->telling_count] = made;
    return &k->tellings[k->telling_count++];
}

static uint64_t decimal(const char *p, uint32_t n) {
    uint64_t out = 0;
    for (uint32_t i = 0; i < n; i++) out = out * 10 + (uint64_t)(p[i] - '0');
    return out;
}

static int place_sampled(Kernel *k, uint32_t signature, const Place *place, const char *message, const Word *words, int count) {
    uint32_t start = in_message(place->start, words, count), fraction = in_message(place->fraction, words, count);
    const char *p = message + start, *f = message + fraction;
    uint32_t n = in_message(place->end, words, count) - start, m = in_message(place->fraction_end, words, count) - fraction;
    char text[24];
    if (!place->scale) return sampled_before(k, signature, place->detail, p, n);
    uint64_t thousandths = decimal(p, n) * 1000 + decimal(f, m < 3 ? m : 3) * (m == 0 ? 0 : m == 1 ? 100 : m == 2 ? 10 : 1);
    uint64_t value = thousandths * place->scale / 1000;
    char *end = text + sizeof text, *out = end;
    do *--out = (char)('0' + value % 10); while (value /= 10);
    return sampled_before(k, signature, place->detail, out, (uint32_t)(end - out));
}

/* Whether all that a message tells is in the samples, or beyond them for good. */
static int told_before(Kernel *k, Variant *v, Slot *s) {
    char text[MAX_MASKED];
    int count = 0;
    uint32_t len = s->len;
    if (v->details & WORDLESS) {
        if ((count = words_of(k, s->p, s->len)) < 0) return 0;
        len = (uint32_t)(sentence(s->p, s->len, k->words, count, text) - text);
    } else
        without_digits(s->p, s->p + s->len, text);
    uint64_t hash = hash_bytes(text, len, v->index);
    Telling *of = NULL;
    for (uint32_t at = (uint32_t)hash & (2 * MAX_TELLINGS - 1);; at = (at + 1) & (2 * MAX_TELLINGS - 1)) {
        uint32_t found = k->telling_table[at];
        if (found == NONE) break;
        of = &k->tellings[found];
        if (of->hash == hash && of->variant == v->index && of->len == len && !memcmp(k->tellings_text.data + of->text, text, len)) break;
        of = NULL;
    }
    if (!of && !(of = tell(k, v, s, text, len, hash, k->words, count))) return 0;
    int known = of->count >= 0;
    for (int32_t i = 0; i < of->count; i++) known &= place_sampled(k, v->signature, &k->places[of->place + (uint32_t)i], s->p, k->words, count);
    return known;
}
