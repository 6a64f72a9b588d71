// Hand-written peer of the generated CPU kernel: Euler-Maruyama of
//     ds = 2 s ((a + v/2) - s) dt + 2 sqrt(v) s dB
// in float32, with Philox 4x32-10 and a polynomial Box-Muller in AVX-512 intrinsics and no library function inside
// the loop. Returned are sums of the last state and of its square.
//
// The counter is (path low, path high, block, 0). Of the four products in Philox's first two rounds, two are the same
// for all lanes and two do not depend on the block, so eight vector rounds remain for four normals. The states of
// GROUPS x 16 paths stay in registers over all steps; several groups at once hide the latency of a round.

#include <immintrin.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

constexpr uint32_t M0 = 0xD2511F53u, M1 = 0xCD9E8D57u, W0 = 0x9E3779B9u, W1 = 0xBB67AE85u;
constexpr int LANES = 16;
constexpr int GROUPS = 2;  // the fastest of 1 to 4 where it was written
constexpr int BLOCK = LANES * GROUPS, PAIRS = 2 * GROUPS;

// Every operation below is written for all PAIRS vectors of a block before the next one: a chain of ten dependent
// multiply-adds would otherwise fill the scheduler and leave the ports idle.
#define EACH(i) _Pragma("GCC unroll 16") for (int i = 0; i < PAIRS; ++i)

// Words are kept as 64-bit lanes, even and odd paths apart, because vpmuludq reads the low halves only: the high word
// of a product is one shift away and its low word costs nothing.
using Word = __m512i;

inline Word all(uint32_t x) { return _mm512_set1_epi64(x); }
inline Word high(Word p) { return _mm512_srli_epi64(p, 32); }
inline Word xor3(Word x, Word y, Word z) { return _mm512_ternarylogic_epi64(x, y, z, 0x96); }
inline __m512 c(float x) { return _mm512_set1_ps(x); }

struct PathWords {  // what the first two rounds make of the path's number, whatever the block
    Word first;     // low(M0 path)
    Word second;    // M1 x (high(M0 path) ^ k1), of which both halves are used
};

PathWords path_words(Word path, uint32_t k1) {
    Word p = _mm512_mul_epu32(path, all(M0));
    return {p, _mm512_mul_epu32(_mm512_xor_si512(high(p), all(k1)), all(M1))};
}

inline __m512i merge(Word even, Word odd) {
    return _mm512_castps_si512(
        _mm512_mask_moveldup_ps(_mm512_castsi512_ps(even), 0xAAAA, _mm512_castsi512_ps(odd)));
}

void number(uint64_t start, uint32_t k1, PathWords words[GROUPS][2]) {
    for (int g = 0; g < GROUPS; ++g)
        for (int h = 0; h < 2; ++h) {
            const Word even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
            words[g][h] = path_words(_mm512_add_epi64(even, _mm512_set1_epi64(start + g * LANES + h)), k1);
        }
}

struct Draws {  // words for the radius and the angle of two normals each
    __m512i magnitude[PAIRS], angle[PAIRS];
};

inline void draw(const PathWords words[GROUPS][2], uint32_t upper, uint32_t block, uint32_t k0, uint32_t k1, Draws& d) {
    const uint64_t p1 = uint64_t(M1) * block;
    const uint32_t x0 = uint32_t(p1 >> 32) ^ upper ^ k0, x1 = uint32_t(p1);
    const uint64_t p0 = uint64_t(M0) * x0;
    k0 += W0, k1 += W1;
    const Word from1 = all(x1 ^ k0), from0 = all(uint32_t(p0 >> 32) ^ k1), last = all(uint32_t(p0));
    Word w[GROUPS][2][4];
#pragma GCC unroll 16
    for (int g = 0; g < GROUPS; ++g)
#pragma GCC unroll 2
        for (int h = 0; h < 2; ++h) {
            w[g][h][0] = _mm512_xor_si512(high(words[g][h].second), from1), w[g][h][1] = words[g][h].second;
            w[g][h][2] = _mm512_xor_si512(words[g][h].first, from0), w[g][h][3] = last;
        }
#pragma GCC unroll 8
    for (int r = 2; r < 10; ++r) {
        k0 += W0, k1 += W1;
        const Word key0 = all(k0), key1 = all(k1);
#pragma GCC unroll 16
        for (int g = 0; g < GROUPS; ++g)
#pragma GCC unroll 2
            for (int h = 0; h < 2; ++h) {
                Word* x = w[g][h];
                const Word a = _mm512_mul_epu32(x[0], all(M0)), b = _mm512_mul_epu32(x[2], all(M1));
                x[0] = xor3(high(b), x[1], key0), x[1] = b;
                x[2] = xor3(high(a), x[3], key1), x[3] = a;
            }
    }
    EACH(i) d.magnitude[i] = merge(w[i / 2][0][i % 2 * 2], w[i / 2][1][i % 2 * 2]);
    EACH(i) d.angle[i] = merge(w[i / 2][0][i % 2 * 2 + 1], w[i / 2][1][i % 2 * 2 + 1]);
}

// sqrt(-2 log u), u = (w + 1/2) 2^-32: exponent and mantissa in [0.75, 1.5) apart, a minimax polynomial of relative
// error 1.7e-7 in mantissa - 1, and a reciprocal square root with one Newton step.
inline void radii(const __m512i* w, __m512* r) {
    constexpr float LOG[] = {-0.285801226192f, 0.347742803743f, -0.40185202291f, 0.499490107361f,
                             -0.666603671849f, 1.00000515141f,  -2.00000025357f};
    __m512 u[PAIRS], f[PAIRS], p[PAIRS], e[PAIRS], q[PAIRS];
    EACH(i) u[i] = _mm512_fmadd_ps(_mm512_cvtepu32_ps(w[i]), c(0x1p-32f), c(0x1p-33f));
    EACH(i) f[i] = _mm512_sub_ps(_mm512_getmant_ps(u[i], _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_src), c(1.0f));
    EACH(i) {
        __m512i shifted = _mm512_sub_epi32(_mm512_castps_si512(u[i]), _mm512_set1_epi32(0x3f400000));
        e[i] = _mm512_cvtepi32_ps(_mm512_srai_epi32(shifted, 23));
    }
    EACH(i) p[i] = c(0.136534093522f);
    _Pragma("GCC unroll 7") for (float coefficient : LOG) EACH(i) p[i] = _mm512_fmadd_ps(p[i], f[i], c(coefficient));
    EACH(i) p[i] = _mm512_fmadd_ps(e[i], c(-1.38629436112f), _mm512_mul_ps(p[i], f[i]));
    EACH(i) p[i] = _mm512_max_ps(p[i], c(1e-12f));
    EACH(i) q[i] = _mm512_rsqrt14_ps(p[i]);
    EACH(i) p[i] = _mm512_mul_ps(p[i], q[i]);
    EACH(i) q[i] = _mm512_fnmadd_ps(p[i], q[i], c(1.0f));
    EACH(i) r[i] = _mm512_fmadd_ps(_mm512_mul_ps(p[i], c(0.5f)), q[i], p[i]);
}

// cos and sin of a uniform angle: the low 30 bits are an angle in [-pi/4, pi/4), the upper two choose a sign and which
// of the two comes first.
inline void directions(const __m512i* w, __m512* first, __m512* second) {
    __m512 t[PAIRS], z[PAIRS], s[PAIRS], k[PAIRS];
    EACH(i) t[i] = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_slli_epi32(w[i], 2)), c(0x1p-31f));
    EACH(i) z[i] = _mm512_mul_ps(t[i], t[i]);
    EACH(i) s[i] = _mm512_fmadd_ps(c(-3.59545077243e-5f), z[i], c(0.00249000712701f));
    EACH(i) k[i] = _mm512_fmadd_ps(c(-0.000318880507903f), z[i], c(0.0158499152562f));
    EACH(i) s[i] = _mm512_fmadd_ps(s[i], z[i], c(-0.0807454348302f));
    EACH(i) k[i] = _mm512_fmadd_ps(k[i], z[i], c(-0.308424253562f));
    EACH(i) s[i] = _mm512_fmadd_ps(s[i], z[i], c(0.785398160983f));
    EACH(i) k[i] = _mm512_fmadd_ps(k[i], z[i], c(0.999999972423f));
    const __m512i sign = _mm512_set1_epi32(int(0x80000000u)), other = _mm512_set1_epi32(0x40000000);
    EACH(i) s[i] = _mm512_mul_ps(s[i], t[i]);
    EACH(i) k[i] = _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(k[i]), w[i], sign, 0x78));
    EACH(i) {
        const __mmask16 swap = _mm512_test_epi32_mask(w[i], other);
        first[i] = _mm512_mask_blend_ps(swap, k[i], s[i]);
        second[i] = _mm512_mask_blend_ps(swap, s[i], k[i]);
    }
}

struct Equation {
    float linear, square, noise;  // s <- s (1 + linear + square s + noise xi)
};

inline __m512 step(__m512 s, __m512 xi, const Equation& e) {
    __m512 growth = _mm512_fmadd_ps(s, c(e.square), c(1.0f + e.linear));
    return _mm512_mul_ps(s, _mm512_fmadd_ps(xi, c(e.noise), growth));
}

// Final states of the paths `start` to `start + BLOCK - 1`; these share the high word of their numbers.
void simulate(uint64_t start, uint64_t steps, const Equation& e, uint32_t k0, uint32_t k1, float s0, float* out) {
    PathWords words[GROUPS][2];
    __m512 s[GROUPS];
    number(start, k1, words);
    for (int g = 0; g < GROUPS; ++g) s[g] = c(s0);
    const uint32_t upper = uint32_t(start >> 32);
    Draws now, next;
    draw(words, upper, 0, k0, k1, now);
    for (uint64_t n = 0; n < steps; n += 4) {
        draw(words, upper, uint32_t(n / 4 + 1), k0, k1, next);  // independent of what follows: fills its waiting times
        __m512 r[PAIRS], first[PAIRS], second[PAIRS];
        radii(now.magnitude, r);
        directions(now.angle, first, second);
        EACH(i) first[i] = _mm512_mul_ps(r[i], first[i]);
        EACH(i) second[i] = _mm512_mul_ps(r[i], second[i]);
        const uint64_t left = steps - n;
#pragma GCC unroll 16
        for (int g = 0; g < GROUPS; ++g) {
            s[g] = step(s[g], first[2 * g], e);
            if (left > 1) s[g] = step(s[g], second[2 * g], e);
            if (left > 2) s[g] = step(s[g], first[2 * g + 1], e);
            if (left > 3) s[g] = step(s[g], second[2 * g + 1], e);
        }
        now = next;
    }
    for (int g = 0; g < GROUPS; ++g) _mm512_storeu_ps(out + g * LANES, s[g]);
}

}  // namespace

// sums[0..2] receive the sums of s and of s^2 over the finite final states, and the number of the others.
extern "C" void logistic_moments(double a, double v, double s0, double dt, uint64_t steps, uint64_t paths,
                                 uint64_t key, int threads, double* sums) {
    const Equation e{float(2 * (a + v / 2) * dt), float(-2 * dt), float(2 * std::sqrt(v * dt))};
    constexpr uint64_t CHUNK = 64 * BLOCK;
    std::atomic<uint64_t> next{0};
    std::vector<double> partial(8 * threads);  // a cache line each
    auto work = [&](int thread) {
        double first = 0, second = 0, lost = 0;
        float out[BLOCK];
        for (uint64_t chunk; (chunk = next.fetch_add(CHUNK)) < paths;)
            for (uint64_t start = chunk; start < chunk + CHUNK && start < paths; start += BLOCK) {
                simulate(start, steps, e, uint32_t(key), uint32_t(key >> 32), float(s0), out);
                for (uint64_t i = 0; i < BLOCK && start + i < paths; ++i) {
                    const double x = out[i];
                    if (std::isfinite(x)) first += x, second += x * x;
                    else lost += 1;
                }
            }
        partial[8 * thread] = first, partial[8 * thread + 1] = second, partial[8 * thread + 2] = lost;
    };
    std::vector<std::thread> pool;
    for (int i = 0; i < threads; ++i) pool.emplace_back(work, i);
    for (auto& t : pool) t.join();
    for (int j = 0; j < 3; ++j) {
        sums[j] = 0;
        for (int i = 0; i < threads; ++i) sums[j] += partial[8 * i + j];
    }
}

// The words that the kernel draws for BLOCK paths from `start` on (those of a path in a row of four), for a test.
extern "C" int words(uint64_t start, uint32_t block, uint64_t key, uint32_t* out) {
    PathWords w[GROUPS][2];
    Draws d;
    number(start, uint32_t(key >> 32), w);
    draw(w, uint32_t(start >> 32), block, uint32_t(key), uint32_t(key >> 32), d);
    for (int i = 0; i < PAIRS; ++i) {
        uint32_t magnitude[LANES], angle[LANES];
        _mm512_storeu_si512(magnitude, d.magnitude[i]);
        _mm512_storeu_si512(angle, d.angle[i]);
        for (int lane = 0; lane < LANES; ++lane) {
            uint32_t* row = out + 4 * (i / 2 * LANES + lane) + i % 2 * 2;
            row[0] = magnitude[lane], row[1] = angle[lane];
        }
    }
    return BLOCK;
}
