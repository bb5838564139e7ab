// Tells the compiler that the C library has vector logarithms, which it otherwise uses under -ffast-math alone.
// glibc's are within 4 units in the last place.
#pragma once

#include <cmath>

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__FAST_MATH__)
extern "C" {
#pragma omp declare simd notinbranch
double log(double) noexcept;
#pragma omp declare simd notinbranch
float logf(float) noexcept;
}
#endif
