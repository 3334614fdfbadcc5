#define TASKS 64

task void triadPart(uniform float a[], const uniform float b[], const uniform float c[], uniform float scale, uniform int n)
{
    uniform int first = (uniform int)((uniform int64)n * taskIndex / taskCount);
    uniform int end = (uniform int)((uniform int64)n * (taskIndex + 1) / taskCount);
    foreach (i = first ... end) a[i] = b[i] + scale * c[i];
}

export void triad(void *uniform *uniform arguments)
{
    uniform float scale = ((uniform float *uniform)arguments[3])[0];
    uniform int n = ((uniform int *uniform)arguments[4])[0];
    launch[TASKS] triadPart((uniform float *uniform)arguments[0], (uniform float *uniform)arguments[1], (uniform float *uniform)arguments[2], scale, n);
}
