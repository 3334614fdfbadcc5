void julia(void **arguments)
{
    int *counts = arguments[0];
    int width = *(int *)arguments[1];
    int height = *(int *)arguments[2];
    int limit = *(int *)arguments[3];
    float cr = *(float *)arguments[4];
    float ci = *(float *)arguments[5];
#pragma omp parallel for schedule(dynamic, 8)
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            float zr = -1.6f + 3.2f * x / width;
            float zi = -1.6f + 3.2f * y / height;
            int i = 0;
            while (i < limit && zr * zr + zi * zi < 4.0f) {
                float next = zr * zr - zi * zi + cr;
                zi = 2.0f * zr * zi + ci;
                zr = next;
                i++;
            }
            counts[y * width + x] = i;
        }
    }
}
