/* The native kernel: takes the lines of JSON, and the records of pino-pretty, whose like was decoded before, and samples them as
the profile does.

A line is walked once. What varies from line to line and has a known meaning (its time, its process, values that may be
ids, digits of its message) is cut out; the rest is its canonical form, and lines of one canonical form (a variant) give
one record but for what was cut. What a variant is, Python tells (learn.py, proof.py), by decoding the first such line in the
plain way. Every line that the kernel does not know for certain goes back to Python. */

#include "kernel/types.h"
#include "kernel/hash.h"
#include "kernel/json.h"
#include "kernel/walk.h"
#include "kernel/words.h"
#include "kernel/forms.h"
#include "kernel/template.h"
#include "kernel/ids.h"
#include "kernel/tell.h"
#include "kernel/prefix.h"
#include "kernel/pretty.h"
#include "kernel/take.h"
#include "kernel/sample.h"

static int init(Kernel *k, PyObject *args, PyObject *kwargs) {
    PyObject *tell_path, *identify, *tells, *tell_prefix, *begins;
    unsigned int cap;
    long long utc_offset;
    if (!PyArg_ParseTuple(args, "OOOOOIL", &tell_path, &identify, &tells, &tell_prefix, &begins, &cap, &utc_offset)) return -1;
    if (cap < 1 || cap > SKETCH) { PyErr_SetString(PyExc_ValueError, "no sample of this size"); return -1; }
    k->sketch_cap = cap;
    Py_INCREF(tell_path);
    Py_INCREF(identify);
    Py_INCREF(tells);
    Py_INCREF(tell_prefix);
    Py_INCREF(begins);
    k->begins = begins;
    k->utc_offset = utc_offset;
    k->tell_prefix = tell_prefix;
    k->tells = tells;
    k->tell_path = tell_path;
    k->identify = identify;
    k->prefixes = calloc(MAX_PREFIXES, sizeof *k->prefixes);
    k->prefix_table = malloc(2 * MAX_PREFIXES * sizeof(uint32_t));
    k->paths = calloc(MAX_PATHS, sizeof *k->paths);
    k->path_table = malloc(2 * MAX_PATHS * sizeof(uint32_t));
    k->variants = calloc(MAX_VARIANTS, sizeof *k->variants);
    k->variant_table = malloc(2 * MAX_VARIANTS * sizeof(uint32_t));
    k->interns = malloc(MAX_INTERNS * sizeof *k->interns);
    k->ranks = malloc(MAX_INTERNS * sizeof *k->ranks);
    k->of_intern = malloc(MAX_INTERNS * sizeof *k->of_intern);
    k->intern_table = malloc(2 * MAX_INTERNS * sizeof(uint32_t));
    k->processes = calloc(MAX_PROCESSES, sizeof *k->processes);
    k->process_table = malloc(2 * MAX_PROCESSES * sizeof(uint32_t));
    k->sketches = calloc(MAX_SKETCHES, sizeof *k->sketches);
    k->sketch_table = malloc(2 * MAX_SKETCHES * sizeof(uint32_t));
    k->tellings = malloc(MAX_TELLINGS * sizeof *k->tellings);
    k->telling_table = malloc(2 * MAX_TELLINGS * sizeof(uint32_t));
    k->ranked = calloc(MAX_RANKED, sizeof *k->ranked);
    k->doors = calloc(DOORS / 8, 1);
    k->canon = malloc(MAX_LINE + 4096);
    k->clean = malloc(MAX_LINE + 1);
    k->templates = malloc(MAX_TEMPLATES * sizeof *k->templates);
    k->template_luck = LUCK;
    if (!k->prefixes || !k->prefix_table || !k->paths || !k->path_table || !k->variants || !k->variant_table || !k->interns || !k->ranks || !k->of_intern || !k->intern_table || !k->processes ||
        !k->process_table || !k->sketches || !k->sketch_table || !k->tellings || !k->telling_table || !k->ranked || !k->doors || !k->canon || !k->clean || !k->templates) {
        PyErr_NoMemory();
        return -1;
    }
    memset(k->prefix_table, 0xff, 2 * MAX_PREFIXES * sizeof(uint32_t));
    k->prefix_count = 1; /* the first: none */
    forget_templates(k);
    forget_tellings(k);
    memset(k->path_table, 0xff, 2 * MAX_PATHS * sizeof(uint32_t));
    memset(k->variant_table, 0xff, 2 * MAX_VARIANTS * sizeof(uint32_t));
    memset(k->intern_table, 0xff, 2 * MAX_INTERNS * sizeof(uint32_t));
    memset(k->of_intern, 0xff, MAX_INTERNS * sizeof(uint32_t));
    memset(k->process_table, 0xff, 2 * MAX_PROCESSES * sizeof(uint32_t));
    memset(k->sketch_table, 0xff, 2 * MAX_SKETCHES * sizeof(uint32_t));
    k->paths[0].guess = NONE; /* the root */
    k->path_count = 3;
    return 0;
}

static void dealloc(Kernel *k) {
    PyTypeObject *type = Py_TYPE((PyObject *)k);
    Py_XDECREF(k->tell_path);
    Py_XDECREF(k->identify);
    Py_XDECREF(k->tells);
    Py_XDECREF(k->tell_prefix);
    Py_XDECREF(k->begins);
    free(k->prefixes); free(k->prefix_table); free(k->prefix_texts.data);
    free(k->paths); free(k->path_table); free(k->keys.data);
    free(k->variants); free(k->variant_table); free(k->canons.data);
    free(k->interns); free(k->ranks); free(k->of_intern); free(k->intern_table); free(k->values.data);
    free(k->processes); free(k->process_table); free(k->names.data);
    free(k->sketches); free(k->sketch_table); free(k->tellings); free(k->telling_table); free(k->tellings_text.data); free(k->places); free(k->ranked); free(k->doors); free(k->canon); free(k->clean); free(k->templates); free(k->holes); free(k->template_texts.data); free(k->events); free(k->ids);
    free(k->kept); free(k->parts); free(k->part_begins);
    free(k->line_ranks); free(k->order); free(k->signature_start);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(k);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"take", (PyCFunction)take, METH_VARARGS, take_doc},
    {"slots", (PyCFunction)slots, METH_VARARGS, slots_doc},
    {"put", (PyCFunction)put, METH_VARARGS, put_doc},
    {"cut_words", (PyCFunction)cut_words, METH_VARARGS, cut_words_doc},
    {"forget", (PyCFunction)forget, METH_NOARGS, "forget()\n\nDrops every variant; their indexes are not used again."},
    {"renew", (PyCFunction)renew, METH_NOARGS, "renew() -> bool\n\nReady for another profile; whether there is room for what another source may bring."},
    {"value", (PyCFunction)value, METH_VARARGS, "value(index) -> (path, value, is_text)"},
    {"cut_details", (PyCFunction)cut_details, METH_NOARGS, "cut_details() -> [(signature, detail)] whose samples left values out."},
    {"process", (PyCFunction)process_name, METH_VARARGS, "process(index) -> pid, a byte 1, host name"},
    {"begin", (PyCFunction)begin, METH_VARARGS, begin_doc},
    {"variants", (PyCFunction)variant_counts, METH_NOARGS, "variants() -> [(variant, lines, bytes)] of the events made ready."},
    {"served", (PyCFunction)served, METH_NOARGS, "served() -> [(signature, service, lines that fail)] of the events made ready, for lines with a carrier."},
    {"failing", (PyCFunction)failing, METH_VARARGS, "failing(first, end) -> [(signature, first time, last time)]"},
    {"histogram", (PyCFunction)histogram, METH_VARARGS, histogram_doc},
    {"signature", (PyCFunction)signature, METH_VARARGS, signature_doc},
    {"key", (PyCFunction)key_sample, METH_VARARGS, key_doc},
    {"settle", (PyCFunction)settle, METH_VARARGS, settle_doc},
    {"events", (PyCFunction)events, METH_VARARGS, events_doc},
    {"near", (PyCFunction)near, METH_VARARGS, near_doc},
    {"drop", (PyCFunction)drop, METH_NOARGS, "drop() -> the smallest variant of the events that are left"},
    {NULL, NULL, 0, NULL}};

static PyMemberDef members[] = {
    {"crowded", T_INT, offsetof(Kernel, crowded), READONLY, "Whether new values were refused for want of room: drop() makes some."},
    {NULL, 0, 0, 0, NULL}};

static PyType_Slot type_slots[] = {
    {Py_tp_init, (void *)init}, {Py_tp_dealloc, (void *)dealloc}, {Py_tp_methods, methods}, {Py_tp_members, members},
    {Py_tp_new, (void *)PyType_GenericNew},
    {Py_tp_doc, "Kernel(tell_path, identify, tells, tell_prefix, begins, texts, utc_offset_ms)\n\ntell_path(parent, key), identify(path, value, is_text, process),\n"
     "tells(variant, message), tell_prefix(prefix, as it is known) and begins(line, below a head): see learn.py."},
    {0, NULL}};
static PyType_Spec type_spec = {"floodscan.fast._kernel.Kernel", sizeof(Kernel), 0, Py_TPFLAGS_DEFAULT, type_slots};

static int module_exec(PyObject *module) {
    PyObject *type = PyType_FromSpec(&type_spec);
    if (!type) return -1;
    if (PyModule_AddObject(module, "Kernel", type) < 0) { Py_DECREF(type); return -1; }
    return 0;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, (void *)module_exec}, {0, NULL}};
static PyModuleDef module_def = {PyModuleDef_HEAD_INIT, "_kernel", "The native kernel.", 0, NULL, module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&module_def); }
