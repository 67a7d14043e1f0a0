// Two operations on eight numbers at once that Swift does lane by lane.
//
// A SIMD vector's square root is eight roots there, each with a branch for negative numbers, and replacing lanes where a
// mask says so is a loop with a branch in it. Whole vectors round in the same way, so that no bit changes.
#ifndef REPLICATIONS_EIGHT_FLOATS_H
#define REPLICATIONS_EIGHT_FLOATS_H

typedef float eight_floats __attribute__((ext_vector_type(8)));
typedef int eight_words __attribute__((ext_vector_type(8)));

/// The square root of each.
static inline __attribute__((always_inline)) eight_floats eight_square_roots(eight_floats values) {
  return __builtin_elementwise_sqrt(values);
}

/// Zero in place of each that is zero or subnormal, the others as they are.
static inline __attribute__((always_inline)) eight_floats eight_normal_or_zero(eight_floats values) {
  eight_words bits = (eight_words)values;
  return (eight_floats)(bits & ((bits & 0x7F800000) != 0));
}

#endif
