#define TASKS 64

task void sumPart(const uniform float input[], uniform float sums[], uniform int n)
{
    uniform int first = (uniform int)((uniform int64)n * taskIndex / taskCount);
    uniform int end = (uniform int)((uniform int64)n * (taskIndex + 1) / taskCount);
    float a = 0.0f, b = 0.0f;
    uniform int i = first;
    for (; i + 2 * programCount <= end; i += 2 * programCount) {
        a += input[i + programIndex];
        b += input[i + programCount + programIndex];
    }
    foreach (rest = i ... end) a += input[rest];
    sums[taskIndex] = reduce_add(a + b);
}

export void reduceShared(void *uniform *uniform arguments)
{
    uniform float sums[TASKS];
    uniform int n = ((uniform int *uniform)arguments[2])[0];
    launch[TASKS] sumPart((uniform float *uniform)arguments[0], sums, n);
    sync;
    uniform float sum = 0.0f;
    for (uniform int i = 0; i < TASKS; i++) sum += sums[i];
    ((uniform float *uniform)arguments[1])[0] = sum;
}
