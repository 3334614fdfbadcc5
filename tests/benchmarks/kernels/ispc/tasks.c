/* What ISPC's `launch` calls, over OpenMP: the tasks of a launch run at once, and all have ended when it returns. */
#include <stdint.h>
#include <stdlib.h>

typedef void (*Task)(void *data, int threadIndex, int threadCount, int taskIndex, int taskCount,
                     int taskIndex0, int taskIndex1, int taskIndex2, int taskCount0, int taskCount1, int taskCount2);

/* A function launches one kind of task here, so that one block of arguments is all it has. */
void *ISPCAlloc(void **handle, int64_t size, int32_t alignment)
{
    free(*handle);
    return *handle = aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void ISPCLaunch(void **handle, void *function, void *data, int count0, int count1, int count2)
{
    (void)handle;
    int count = count0 * count1 * count2;
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < count; i++) ((Task)function)(data, 0, 1, i, count, i % count0, i / count0 % count1, i / count0 / count1, count0, count1, count2);
}

void ISPCSync(void *handle)
{
    free(handle);
}
