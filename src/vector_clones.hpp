// Functions compiled for several instruction sets, of which the loader takes the best that the processor has.
#pragma once

// A build for a processor with AVX2, such as -march=native, has its instruction set already.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && !defined(__AVX2__)
#define SPINODE_VECTOR_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define SPINODE_VECTOR_CLONES
#endif
/// For the body that clones share: part of each of them, whatever its size.
#define SPINODE_INLINE [[gnu::always_inline]] inline
/// The same of a lambda expression, after its parameters.
#define SPINODE_INLINED __attribute__((always_inline))
