/* A message without its plain words.

Once signatures are so coarse that a message's plain words make no difference, lines whose messages differ in them are one
form, a wordless one. Which words are plain: those of plain_words.py but for what Python says (words.py). */

static uint32_t place_of(const char *word, uint32_t n) { return (uint32_t)hash_bytes(word, n, 7) & (2 * KEPT - 1); }
static uint32_t begin_of(const char *p) { return (uint32_t)((p[0] - 'a') << 10 | (p[1] - 'a') << 5 | (p[2] - 'a')); }

static int is_plain(const Kernel *k, const char *p, uint32_t n) {
    if (n < SHORTEST || n > LONGEST) return 0;
    for (uint32_t i = 0; i + SHORTEST <= n; i++) {
        uint32_t begin = begin_of(p + i);
        if (!(k->part_begins[begin >> 3] & (1 << (begin & 7)))) continue;
        for (uint32_t j = 0; j < k->part_count; j++) {
            uint32_t len = (uint32_t)strlen(k->parts[j]);
            if (len <= n - i && !memcmp(k->parts[j], p + i, len)) return 0;
        }
    }
    for (uint32_t at = place_of(p, n); *k->kept[at]; at = (at + 1) & (2 * KEPT - 1))
        if (!memcmp(k->kept[at], p, n) && !k->kept[at][n]) return 0;
    return 1;
}

/* Finds the plain words of a message, in their order; -1 where it is no text for plain_words.py, or has too many. */
static int find_words(const Kernel *k, const char *p, uint32_t n, Word *words) {
    int count = 0;
    if (!n || n > MAX_MASKED || p[0] == ' ' || p[n - 1] == ' ') return -1;
    for (uint32_t i = 0; i < n;) {
        uint32_t start = i;
        int letters = 1;
        for (; i < n && p[i] != ' '; i++) {
            letters &= p[i] >= 'a' && p[i] <= 'z';
            if (p[i] < 0x20 || p[i] > 0x7e || (p[i] == 'j' && i > 1 && p[i - 1] == 'q' && p[i - 2] == 'z')) return -1; /* zqj begins a stand-in */
        }
        if (letters && is_plain(k, p + start, i - start)) {
            if (count == MAX_WORDS) return -1;
            words[count].start = start;
            words[count++].len = i - start;
        }
        i++;
    }
    return count;
}

/* How many there are in k->words; they are found once for each line, at whose begin k->worded is NULL. */
static int words_of(Kernel *k, const char *p, uint32_t n) {
    if (k->worded != p) {
        k->worded = p;
        k->word_count = find_words(k, p, n, k->words);
    }
    return k->word_count;
}

/* The masked message with the number of each plain word in its place: of a word that stands there before, of the first. */
static char *sentence(const char *p, uint32_t n, const Word *words, int count, char *out) {
    char zeroed[MAX_MASKED];
    uint32_t at = 0;
    masked(p, n, zeroed);
    for (int i = 0; i < count; i++) {
        int first = 0;
        while (words[first].len != words[i].len || memcmp(p + words[first].start, p + words[i].start, words[i].len)) first++;
        memcpy(out, zeroed + at, words[i].start - at);
        out += words[i].start - at;
        *out++ = 6;
        *out++ = (char)('a' + first);
        at = words[i].start + words[i].len;
    }
    memcpy(out, zeroed + at, n - at);
    return out + (n - at);
}

PyDoc_STRVAR(cut_words_doc,
"cut_words(kept, parts)\n\nFrom now on lines have the wordless forms. No plain words, each from 3 to 15 of a to z: `kept`, and those that hold one of\n`parts`.");

static int fixed_word(PyObject *word, char *out) {
    Py_ssize_t n;
    const char *text = PyUnicode_AsUTF8AndSize(word, &n);
    if (!text) return 0;
    int good = n >= SHORTEST && n <= LONGEST;
    for (Py_ssize_t i = 0; good && i < n; i++) good = text[i] >= 'a' && text[i] <= 'z';
    if (!good) { PyErr_SetString(PyExc_ValueError, "no plain word"); return 0; }
    memset(out, 0, LONGEST + 1);
    memcpy(out, text, n);
    return 1;
}

static PyObject *cut_words(Kernel *k, PyObject *args) {
    PyObject *kept, *parts;
    if (!PyArg_ParseTuple(args, "O!O!", &PyTuple_Type, &kept, &PyTuple_Type, &parts)) return NULL;
    Py_ssize_t n = PyTuple_Size(kept), m = PyTuple_Size(parts);
    if (n > KEPT || m > KEPT) { PyErr_SetString(PyExc_ValueError, "too many words"); return NULL; }
    if (!k->kept) {
        k->kept = malloc(2 * KEPT * sizeof *k->kept);
        k->parts = malloc(KEPT * sizeof *k->parts);
        k->part_begins = malloc(1 << 12);
    }
    if (!k->kept || !k->parts || !k->part_begins) return PyErr_NoMemory();
    memset(k->kept, 0, 2 * KEPT * sizeof *k->kept);
    memset(k->part_begins, 0, 1 << 12);
    for (Py_ssize_t i = 0; i < n; i++) {
        char word[LONGEST + 1];
        if (!fixed_word(PyTuple_GetItem(kept, i), word)) return NULL;
        uint32_t at = place_of(word, (uint32_t)strlen(word));
        while (*k->kept[at]) at = (at + 1) & (2 * KEPT - 1);
        memcpy(k->kept[at], word, sizeof word);
    }
    for (Py_ssize_t i = 0; i < m; i++) {
        if (!fixed_word(PyTuple_GetItem(parts, i), k->parts[i])) return NULL;
        uint32_t begin = begin_of(k->parts[i]);
        k->part_begins[begin >> 3] |= (uint8_t)(1 << (begin & 7));
    }
    k->part_count = (uint32_t)m;
    k->wordless = 1;
    Py_RETURN_NONE;
}
