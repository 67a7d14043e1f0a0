// Exponentials and GELU of whole rows, sixteen numbers at a time.
//
// They are C for the same reason as few_rows.h: a function can be compiled for more than the plain x86-64 that the package
// is built for, whose vectors have four lanes. No multiplication is fused with an addition, so that the bits are the
// same for every instruction set; GELU's are those of `Elementary.geluTanh`, operation by operation.
#ifndef REPLICATIONS_ROW_FUNCTIONS_H
#define REPLICATIONS_ROW_FUNCTIONS_H

#include <stddef.h>

#define ROW_INLINE static inline __attribute__((always_inline))

typedef float row_floats __attribute__((ext_vector_type(16)));
typedef unsigned row_words __attribute__((ext_vector_type(16)));
typedef int row_integers __attribute__((ext_vector_type(16)));
typedef double row_doubles __attribute__((ext_vector_type(16)));
typedef float row_sums __attribute__((ext_vector_type(4)));
typedef double row_totals __attribute__((ext_vector_type(4)));

/// The lanes of one vector where a mask is set, of another where it is not.
ROW_INLINE void row_select(row_floats *result, const row_words *mask, const row_floats *chosen, const row_floats *other) {
  *result = (row_floats)(((row_words)*chosen & *mask) | ((row_words)*other & ~*mask));
}

/// x ← eˣ in each lane: at most 1 ulp from the truth for −87 ≤ x ≤ 88, zero below; NaN stays.
ROW_INLINE void row_exponential(row_floats *x) {
#pragma clang fp contract(off)
  const row_words is_far = (row_words)(*x < -87.0f);
  const row_floats limit = -87.0f;
  row_floats inside;
  row_select(&inside, &is_far, &limit, x);
  // Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
  const row_floats shifted = inside * 1.442695f + 12582912.0f;
  const row_floats n = shifted - 12582912.0f;
  const row_floats r = (inside - n * 0.693359375f) + n * 0.00021219444f;
  const row_floats square = r * r;
  const row_floats high = (r * 0.00019918683f + 0.0013946713f) * square + (r * 0.008333264f + 0.04166626f);
  const row_floats mantissa = 1.0f + (r + square * (high * square + (r * 0.16666667f + 0.5f)));
  const row_words power = (((row_words)shifted + 127u) << 23) & ~is_far;
  *x = mantissa * (row_floats)power;
}

/// y ← e^(x − shift) for so many numbers, at most sixteen, which are added to four sums in turn.
ROW_INLINE void row_exponentials_line(const float *x, ptrdiff_t count, float shift, float *y, row_sums *sums) {
#pragma clang fp contract(off)
  row_floats line = -__builtin_inff();
  __builtin_memcpy(&line, x, 4 * count);
  line -= shift;
  row_exponential(&line);
  __builtin_memcpy(y, &line, 4 * count);
  *sums += line.s0123;
  if (count > 4) *sums += line.s4567;
  if (count > 8) *sums += line.s89ab;
  if (count > 12) *sums += line.scdef;
}

/// y ← e^(x − shift) for so many numbers, whose sum is taken in single precision over stretches of 64 and in double over
/// those.
ROW_INLINE double row_exponentials_of(const float *x, ptrdiff_t count, float shift, float *y) {
#pragma clang fp contract(off)
  row_totals totals = 0;
  ptrdiff_t index = 0;
  for (; index + 64 <= count; index += 64) {
    row_sums sums = 0;
#pragma clang loop unroll(full)
    for (int line = 0; line < 64; line += 16) row_exponentials_line(x + index + line, 16, shift, y + index + line, &sums);
    totals += __builtin_convertvector(sums, row_totals);
  }
  const ptrdiff_t fours = count / 4 * 4;
  if (index < fours) {
    row_sums sums = 0;
    for (; index + 16 <= fours; index += 16) row_exponentials_line(x + index, 16, shift, y + index, &sums);
    if (index < fours) row_exponentials_line(x + index, fours - index, shift, y + index, &sums);
    index = fours;
    totals += __builtin_convertvector(sums, row_totals);
  }
  if (index < count) {
    row_sums sums = 0;
    row_exponentials_line(x + index, count - index, shift, y + index, &sums);
    totals += __builtin_convertvector(sums, row_totals);
  }
  return (totals.x + totals.y) + (totals.z + totals.w);
}

/// x ← ½x(1 + tanh(√(2/π)(x + 0.044715x³))) in each lane; see `Elementary.geluTanh`.
ROW_INLINE void row_gelu_tanh(row_floats *x) {
#pragma clang fp contract(off)
  const row_floats magnitude = (row_floats)((row_words)*x & 0x7fffffffu);
  const row_words is_far = (row_words)(magnitude > 12.0f);
  const row_floats twelve = 12.0f;
  row_floats u;
  row_select(&u, &is_far, &twelve, &magnitude);
  const row_doubles d = __builtin_convertvector(u, row_doubles);
  const row_doubles slope = -d * (1.5957691216057308 + 0.07135481627260025 * d * d);
  const row_doubles w = __builtin_elementwise_max(slope, (row_doubles)(-113.0));
  // e^w as a fraction near one and a power of two.
  const row_floats shifted = __builtin_convertvector(w, row_floats) * 1.442695f + 12582912.0f;
  const row_floats n = shifted - 12582912.0f;
  const row_floats r =
      __builtin_convertvector(w - __builtin_convertvector(n, row_doubles) * 0.6931471805599453, row_floats);
  row_floats p = 0.00019918683f;
  p = p * r + 0.0013946713f;
  p = p * r + 0.008333264f;
  p = p * r + 0.04166626f;
  p = p * r + 0.16666667f;
  p = p * r + 0.5f;
  const row_floats fraction =
      __builtin_convertvector(1.0 + __builtin_convertvector(r + r * r * p, row_doubles), row_floats);
  // The power in two halves, so that small results round only once.
  const row_integers exponent = (row_integers)((row_words)shifted - 0x4b400000u);
  const row_integers half = exponent >> 1;
  const row_floats first = (row_floats)((row_words)(half + 127) << 23);
  const row_words is_zero = (row_words)(exponent < -160);
  const row_floats second = (row_floats)(((row_words)(exponent - half + 127) << 23) & ~is_zero);
  const row_words is_negative = (row_words)(*x < 0.0f);
  const row_floats below = -u * fraction;
  row_floats quotient;
  row_select(&quotient, &is_negative, &below, x);
  quotient /= 1.0f + fraction * first * second;
  const row_floats scaled = quotient * first * second;
  row_select(x, &is_negative, &scaled, &quotient);
}

/// y ← GELU in its tanh form of so many numbers.
ROW_INLINE void row_gelu_tanh_of(const float *x, ptrdiff_t count, float *y) {
  for (ptrdiff_t index = 0; index < count; index += 16) {
    row_floats line = 0;
    const ptrdiff_t lanes = count - index;
    if (lanes >= 16) {
      __builtin_memcpy(&line, x + index, 64);
      row_gelu_tanh(&line);
      __builtin_memcpy(y + index, &line, 64);
    } else {
      __builtin_memcpy(&line, x + index, 4 * lanes);
      row_gelu_tanh(&line);
      __builtin_memcpy(y + index, &line, 4 * lanes);
    }
  }
}

/// The functions for one instruction set, in place or from row to row.
#define ROW_FUNCTIONS(set, attributes) \
  attributes static inline double row_exponentials_##set(const float *x, ptrdiff_t count, float shift, float *y) { \
    return row_exponentials_of(x, count, shift, y); \
  } \
  attributes static inline void row_gelu_tanh_##set(const float *x, ptrdiff_t count, float *y) { \
    row_gelu_tanh_of(x, count, y); \
  }

ROW_FUNCTIONS(plain, )
#if defined(__x86_64__)
ROW_FUNCTIONS(avx2, __attribute__((target("avx2"))))
ROW_FUNCTIONS(avx512, __attribute__((target("avx512f,avx512dq"))))
#endif

#undef ROW_FUNCTIONS
#undef ROW_INLINE
#endif
