/* Lines are taken, and their forms told. */

/* The variant of what was walked, of whose canonical forms it is; else NULL, and what becomes of it. */
static Variant *variant_of(Kernel *k, const char *text, const char *end, int *form, int *state) {
    uint32_t at;
    for (*form = k->wordless ? WORDLESS_FORM : LOOSE_FORM;;) {
        uint64_t hash = canonical(k, text, end, *form);
        if (!k->canon_len) { *form = LOOSE_FORM; continue; }
        Variant *v = find(k, hash, &at);
        if (!v) { *state = met(k, hash) ? UNKNOWN + *form : REFUSED; return NULL; }
        if (*form == WORDLESS_FORM && v->kind == KIND_SAYING) *form = WORDLESS_SAYING_FORM;
        else if (*form >= WORDLESS_FORM && v->kind != KIND_VARIANT) *form = LOOSE_FORM;
        else if (v->kind == KIND_SAYING && *form < SAYING_FORM) *form = SAYING_FORM;
        else if (v->kind == KIND_EXACT && *form < EXACT_FORM) *form = EXACT_FORM;
        else { *state = REFUSED; return v->kind == KIND_VARIANT ? v : NULL; }
    }
}

/* Takes what was walked as one of a variant; it has `size` bytes of the stream. */
static int take_walked(Kernel *k, Variant *v, uint32_t prefix, uint32_t size, int64_t offset, int64_t number) {
    if (k->prefixes[prefix].has & ~v->has) return REFUSED;
    uint32_t process = NONE;
    if ((v->has & HAS_PROCESS) && (process = process_of(k)) == NONE) return REFUSED;
    if (!room((void **)&k->events, &k->event_room, k->event_count + 1, sizeof *k->events)) return REFUSED;
    if (!room((void **)&k->ids, &k->id_room, k->id_count + MAX_SLOTS, sizeof *k->ids)) return REFUSED;
    uint32_t ids = k->id_count;
    int tokens = 0, asked = 0;
    Wanted values[MAX_SLOTS];
    for (int i = 0; i < k->slot_count; i++) {
        Slot *s = &k->slots[i];
        if (!(v->visited >> i & 1)) continue;
        Path *path = &k->paths[s->path];
        if (s->is_text == FRACTION) continue;
        if (s->is_text) {
            if ((path->form == SKIP || path->form == URL) && !may_carry(s->p, s->len, path->form)) continue;
            if (s->len < 2) continue;
        } else if (path->form != ID || *s->p == '-' || *s->p == '0')
            continue;
        values[asked++] = wanted(k, s, process);
    }
    for (int i = 0; i < asked; i++) {
        Intern *known = intern(k, &values[i]);
        if (!known || known->state < 0) return REFUSED;
        if (!known->state) continue;
        if (known->state > 1 && tokens++) return REFUSED;
        EventId *id = &k->ids[ids++];
        id->path = known->state == 1 ? values[i].slot->path : known->state == 2 ? TOKEN : JWT;
        id->intern = (uint32_t)(known - k->interns);
    }
    if (v->details)
        for (int i = 0; i < k->slot_count; i++) {
            Slot *s = &k->slots[i];
            int sampled = s->policy == DETAIL ? v->details & DETAILS : s->policy == SAID ? (v->details & SAYINGS) && may_vary(s) : 0;
            if (sampled && !slot_sampled(k, v->signature, s)) return REFUSED;
            if (s->policy == MESSAGE && (v->details & TELLING) && !told_before(k, v, s)) return REFUSED;
        }
    if (ids - k->id_count > 12) return REFUSED;
    Event *e = &k->events[k->event_count++];
    e->time = k->time;
    e->offset = offset;
    e->number = number;
    e->size = size;
    e->variant = v->index;
    e->signature = v->signature;
    e->failing = v->failing;
    e->prefix = (uint16_t)prefix;
    if (!k->prefixes[prefix].touched) {
        k->prefixes[prefix].touched = 1;
        k->touched[k->touched_count++] = prefix;
    }
    e->ids = k->id_count;
    e->id_count = (uint16_t)(ids - k->id_count);
    k->id_count = ids;
    return TAKEN;
}

static int take_line(Kernel *k, const char *p, const char *nl, int64_t offset, int64_t number) {
    const char *end = nl, *json = p;
    uint32_t prefix = 0;
    if (end > p && end[-1] == '\r') end--;
    if (end == p || end[-1] != '}') return REFUSED;
    if (*p != '{') {
        json = memchr(p, '{', end - p < MAX_PREFIX ? end - p : MAX_PREFIX);
        if (!json || memchr(p, 0x7f, end - p)) return REFUSED; /* see is_binary in plausible.py */
        if ((prefix = prefix_of(k, p, (uint32_t)(json - p))) == NONE) return REFUSED;
    }
    uint32_t looks = template_hash(json, end);
    Variant *v = by_template(k, looks, json, end);
    if (v) {
        if (k->template_luck < LUCK) k->template_luck++;
    } else {
        int form, state;
        if (!walk(k, json, end)) return REFUSED;
        if (!k->time) return REFUSED; /* it stands for none */
        if (!(v = variant_of(k, json, end, &form, &state))) return state;
        if (k->template_luck ? k->template_luck-- : ++k->unlucky % LUCK == 0) put_template(k, looks, (uint32_t)(v - k->variants), form, json, end);
    }
    return k->time ? take_walked(k, v, prefix, (uint32_t)(nl - p + 1), offset, number) : REFUSED;
}

PyDoc_STRVAR(take_doc,
"take(data, start, base, number, low, high, mode) -> (next, number, state, services, end)\n\n"
"Takes whole lines of `data` from `start` on that begin in [low, high), until one can't be taken. `base` is the offset of\n"
"data[0] in the stream, `number` that of the line at `start`. state: 0 no whole line is left, 1 the next line is not for\n"
"the kernel, from 2 to 6 it would be once its form (state - 2) has been put, and `end` is where it ends, 7 it may be one\n"
"with more data. services: of the lines that were taken, as `tell_prefix` numbers them, some perhaps twice. mode: 0 lines\n"
"of JSON alone, 1 records of pino-pretty with dates too, 2 those without dates alone.");

static PyObject *take(Kernel *k, PyObject *args) {
    PyObject *bytes;
    Py_ssize_t start;
    long long base, number, low, high;
    int mode;
    if (!PyArg_ParseTuple(args, "SnLLLLi", &bytes, &start, &base, &number, &low, &high, &mode)) return NULL;
    const char *data = PyBytes_AsString(bytes), *p = data + start, *end = data + PyBytes_Size(bytes);
    const char *next = p;
    int state = ENDED;
    k->failed = 0;
    while (p < end) {
        const char *nl = memchr(p, '\n', end - p);
        if (!nl) break;
        int64_t offset = base + (p - data);
        if (offset < low || offset >= high) { state = REFUSED; break; }
        k->lines = 1;
        k->worded = NULL;
        next = nl + 1;
        if (mode != JSON_ALONE && is_head(p, nl)) state = take_pretty(k, p, nl, end, offset, number, mode, &next);
        else state = mode == WITHOUT_DATES ? REFUSED : take_line(k, p, nl, offset, number);
        if (k->failed) return NULL;
        if (state != TAKEN) break;
        state = ENDED;
        number += k->lines;
        p = next;
    }
    PyObject *services = PyTuple_New(k->touched_count);
    for (uint32_t i = 0; i < k->touched_count; i++) {
        Prefix *of = &k->prefixes[k->touched[i]];
        PyObject *service = PyLong_FromLong(of->service);
        of->touched = 0;
        if (!services || !service) { Py_XDECREF(service); Py_CLEAR(services); }
        else if (PyTuple_SetItem(services, i, service) < 0) Py_CLEAR(services);
    }
    k->touched_count = 0;
    return services ? Py_BuildValue("nLiNn", (Py_ssize_t)(p - data), (long long)number, state, services, (Py_ssize_t)(next - data)) : PyErr_NoMemory();
}

PyDoc_STRVAR(slots_doc,
"slots(line) -> (time, [(path, value, policy, is_text, where it begins)]) | None\n\n"
"What varies in a line, or in a record of pino-pretty, in its order; None where the kernel can't walk it.");

static PyObject *slots(Kernel *k, PyObject *args) {
    const char *p;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "y#", &p, &n)) return NULL;
    k->failed = 0;
    if (!walk_any(k, p, p + n)) {
        if (k->failed) return NULL;
        Py_RETURN_NONE;
    }
    PyObject *out = PyList_New(0);
    for (int i = 0; out && i < k->slot_count; i++) {
        Slot *s = &k->slots[i];
        PyObject *item = Py_BuildValue("ky#iin", (unsigned long)s->path, s->p, (Py_ssize_t)s->len, (int)s->policy, (int)s->is_text,
                                       (Py_ssize_t)(s->p - p));
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out ? Py_BuildValue("LN", (long long)k->time, out) : NULL;
}

PyDoc_STRVAR(put_doc,
"put(line, form, kind, signature, failing, has, visited, details) -> index\n\n"
"What lines of this line's form (0 loose, 1 saying, 2 exact, 3 and 4 wordless: loose and saying) are: kind 0 not for the kernel\n"
"(a wordless one: by the loose form), 1 a variant, 2 and 3 told apart\n"
"by the saying or the exact form alone. `line` is its JSON alone; `has`: 1 a process, 2 a level.\n"
"`visited`: a bit for each slot whose value may be an id; `details`: what is sampled by value. -1 where there is no room.");

static PyObject *put(Kernel *k, PyObject *args) {
    const char *p;
    Py_ssize_t n;
    int form, kind, failing, has, details;
    unsigned long signature;
    unsigned long long visited;
    if (!PyArg_ParseTuple(args, "y#iikiiKi", &p, &n, &form, &kind, &signature, &failing, &has, &visited, &details)) return NULL;
    k->failed = 0;
    if (!walk_any(k, p, p + n)) {
        if (k->failed) return NULL;
        return PyLong_FromLong(-1);
    }
    k->worded = NULL;
    uint64_t hash = canonical(k, p, p + n, form);
    uint32_t at;
    if (!k->canon_len) return PyLong_FromLong(-1);
    Variant *v = find(k, hash, &at);
    if (!v) {
        if (k->variant_count >= MAX_VARIANTS || k->canons.len + k->canon_len > MAX_CANONS) return PyLong_FromLong(-1);
        v = &k->variants[k->variant_count];
        if (!arena_add(&k->canons, k->canon, k->canon_len, &v->canon)) return PyLong_FromLong(-1);
        v->hash = hash;
        v->canon_len = k->canon_len;
        k->variant_table[at] = k->variant_count++;
    }
    else forget_templates(k);
    v->index = k->next_index++;
    v->kind = (uint8_t)kind;
    v->signature = (uint32_t)signature;
    v->failing = (uint8_t)failing;
    v->has = (uint8_t)has;
    v->visited = visited;
    v->details = (uint8_t)details;
    return PyLong_FromUnsignedLong(v->index);
}

static PyObject *forget(Kernel *k, PyObject *unused) {
    memset(k->variant_table, 0xff, 2 * MAX_VARIANTS * sizeof(uint32_t));
    forget_templates(k);
    forget_tellings(k);
    k->variant_count = 0;
    k->canons.len = 0;
    Py_RETURN_NONE;
}

static PyObject *renew(Kernel *k, PyObject *unused) {
    memset(k->sketch_table, 0xff, 2 * MAX_SKETCHES * sizeof(uint32_t));
    k->sketch_count = k->event_count = k->settled = k->id_count = k->sampled = k->signature_count = 0;
    while (k->touched_count) k->prefixes[k->touched[--k->touched_count]].touched = 0;
    return PyBool_FromLong(k->path_count < MAX_PATHS / 2 && k->process_count < MAX_PROCESSES / 2 && k->prefix_count < MAX_PREFIXES / 2);
}

static PyObject *cut_details(Kernel *k, PyObject *unused) {
    PyObject *out = PyList_New(0);
    for (uint32_t i = 0; out && i < k->sketch_count; i++) {
        if (!k->sketches[i].cut) continue;
        PyObject *item = Py_BuildValue("Ii", k->sketches[i].signature, (int)k->sketches[i].detail);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

static PyObject *value(Kernel *k, PyObject *args) {
    unsigned long at;
    if (!PyArg_ParseTuple(args, "k", &at)) return NULL;
    if (at >= k->intern_count) { PyErr_SetString(PyExc_IndexError, "no such value"); return NULL; }
    Intern *v = &k->interns[at];
    return Py_BuildValue("ky#i", (unsigned long)v->path, k->values.data + v->value, (Py_ssize_t)v->value_len, (int)v->is_text);
}

static PyObject *process_name(Kernel *k, PyObject *args) {
    unsigned long at;
    if (!PyArg_ParseTuple(args, "k", &at)) return NULL;
    if (at >= k->process_count) { PyErr_SetString(PyExc_IndexError, "no such process"); return NULL; }
    Process *v = &k->processes[at];
    return PyBytes_FromStringAndSize(k->names.data + v->name, v->name_len);
}
