void bitonicSort(void **arguments)
{
    unsigned *keys = arguments[0];
    unsigned n = *(unsigned *)arguments[1];
    for (unsigned size = 2; size <= n; size *= 2) {
        for (unsigned stride = size / 2; stride > 0; stride /= 2) {
#pragma omp parallel for
            for (unsigned t = 0; t < n / 2; t++) {
                unsigned i = 2 * t - (t & (stride - 1));
                unsigned a = keys[i];
                unsigned b = keys[i + stride];
                if ((a > b) == ((i & size) == 0)) {
                    keys[i] = b;
                    keys[i + stride] = a;
                }
            }
        }
    }
}
