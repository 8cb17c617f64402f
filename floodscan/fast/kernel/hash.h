/* Hashes: of bytes, and the ranks of sample.py. */

static uint64_t load64(const char *p) { uint64_t v; memcpy(&v, p, 8); return v; }

static uint64_t mix(uint64_t h) {
    h ^= h >> 32; h *= 0xd6e8feb86659fd93ull; h ^= h >> 32; h *= 0xd6e8feb86659fd93ull; h ^= h >> 32;
    return h;
}

static uint64_t hash_bytes(const char *p, size_t n, uint64_t seed) {
    uint64_t h = seed ^ (n * 0x9e3779b97f4a7c15ull);
    if (n >= 64) { /* four at a time: none waits for another */
        uint64_t a = h, b = ~h, c = h ^ 0x9fb21c651e98df25ull, d = h + 0x9e3779b97f4a7c15ull;
        for (; n >= 32; p += 32, n -= 32) {
            a = (a ^ load64(p)) * 0x9fb21c651e98df25ull; a ^= a >> 29;
            b = (b ^ load64(p + 8)) * 0x9fb21c651e98df25ull; b ^= b >> 29;
            c = (c ^ load64(p + 16)) * 0x9fb21c651e98df25ull; c ^= c >> 29;
            d = (d ^ load64(p + 24)) * 0x9fb21c651e98df25ull; d ^= d >> 29;
        }
        h = mix(a ^ mix(b)) ^ mix(c + mix(d));
    }
    while (n >= 8) {
        h = (h ^ load64(p)) * 0x9fb21c651e98df25ull;
        h ^= h >> 29;
        p += 8; n -= 8;
    }
    if (n) {
        uint64_t v = 0;
        memcpy(&v, p, n);
        h = (h ^ v) * 0x9fb21c651e98df25ull;
        h ^= h >> 29;
    }
    return mix(h);
}

static uint64_t splitmix(uint64_t z) {
    z += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return (z ^ (z >> 31)) >> 1;
}

/* BLAKE2b with 8 bytes of digest (RFC 7693), as a big-endian number. */
static const uint64_t IV[8] = {
    0x6a09e667f3bcc908ull, 0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull, 0xa54ff53a5f1d36f1ull,
    0x510e527fade682d1ull, 0x9b05688c2b3e6c1full, 0x1f83d9abfb41bd6bull, 0x5be0cd19137e2179ull};
#define G(a, b, c, d, x, y) \
    v[a] += v[b] + (x); v[d] = rotr(v[d] ^ v[a], 32); v[c] += v[d]; v[b] = rotr(v[b] ^ v[c], 24); \
    v[a] += v[b] + (y); v[d] = rotr(v[d] ^ v[a], 16); v[c] += v[d]; v[b] = rotr(v[b] ^ v[c], 63);
#define ROUND(A, B, C, D, E, F, H, I, J, K, L, M, N, O, P, Q) \
    G(0, 4, 8, 12, m[A], m[B]) G(1, 5, 9, 13, m[C], m[D]) G(2, 6, 10, 14, m[E], m[F]) G(3, 7, 11, 15, m[H], m[I]) \
    G(0, 5, 10, 15, m[J], m[K]) G(1, 6, 11, 12, m[L], m[M]) G(2, 7, 8, 13, m[N], m[O]) G(3, 4, 9, 14, m[P], m[Q])
#define ROUNDS \
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3) \
    ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4) ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8) \
    ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13) ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9) \
    ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11) ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10) \
    ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5) ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0) \
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
static uint64_t rotr(uint64_t x, int n) { return (x >> n) | (x << (64 - n)); }

static void blake_block(uint64_t *h, const uint8_t *block, uint64_t count, int last) {
    uint64_t m[16], v[16];
    for (int i = 0; i < 16; i++) {
        const uint8_t *b = block + 8 * i;
        m[i] = b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 |
               (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
    }
    for (int i = 0; i < 8; i++) { v[i] = h[i]; v[i + 8] = IV[i]; }
    v[12] ^= count;
    if (last) v[14] = ~v[14];
    ROUNDS
    for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];
}

static uint64_t digest(uint64_t first) { /* as a big-endian number of 63 bits */
    uint64_t out = 0;
    for (int i = 0; i < 8; i++) out = (out << 8) | ((first >> (8 * i)) & 0xff);
    return out >> 1;
}

#define PARAMETERS 0x01010008ull

/* `rank_of` in sample.py. */
static uint64_t rank_of(const char *p, uint32_t n) {
    uint8_t block[128];
    uint64_t h[8], count = 0;
    memcpy(h, IV, sizeof h);
    h[0] ^= PARAMETERS;
    for (; n > 128; p += 128, n -= 128) blake_block(h, (const uint8_t *)p, count += 128, 0);
    memset(block, 0, sizeof block);
    memcpy(block, p, n);
    blake_block(h, block, count + n, 1);
    return digest(h[0]);
}

#define LANES 4

#if defined(__GNUC__) && defined(__x86_64__)
typedef uint64_t Lanes __attribute__((vector_size(8 * LANES)));

/* The ranks of LANES texts of at most 128 bytes, one in each lane. */
__attribute__((target("avx2"))) static void rank_lanes(uint8_t (*texts)[128], const uint32_t *n, uint64_t *out) {
    Lanes m[16], v[16];
    for (int i = 0; i < 16; i++)
        for (int lane = 0; lane < LANES; lane++) m[i][lane] = load64((const char *)texts[lane] + 8 * i);
    for (int i = 0; i < 8; i++) {
        v[i + 8] = (Lanes){IV[i], IV[i], IV[i], IV[i]};
        v[i] = i ? v[i + 8] : v[8] ^ PARAMETERS;
    }
    v[12] ^= (Lanes){n[0], n[1], n[2], n[3]};
    v[14] = ~v[14];
    Lanes first = v[0];
#define rotr(x, by) (((x) >> (by)) | ((x) << (64 - (by))))
    ROUNDS
#undef rotr
    first ^= v[0] ^ v[8];
    for (int lane = 0; lane < LANES; lane++) out[lane] = digest(first[lane]);
}

static int has_lanes(void) { return __builtin_cpu_supports("avx2"); }
#else
static void rank_lanes(uint8_t (*texts)[128], const uint32_t *n, uint64_t *out) {
    for (int lane = 0; lane < LANES; lane++) out[lane] = rank_of((const char *)texts[lane], n[lane]);
}

static int has_lanes(void) { return 1; }
#endif
