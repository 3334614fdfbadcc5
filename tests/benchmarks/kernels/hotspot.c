void hotspot(void **arguments)
{
    const float *restrict power = arguments[0];
    const float *restrict temperature = arguments[1];
    float *restrict result = arguments[2];
    int columns = *(int *)arguments[3];
    int rows = *(int *)arguments[4];
    float step = *(float *)arguments[5];
    float rx = *(float *)arguments[6];
    float ry = *(float *)arguments[7];
    float rz = *(float *)arguments[8];
#pragma omp parallel for
    for (int y = 0; y < rows; y++) {
        const float *restrict row = temperature + y * columns;
        const float *restrict above = temperature + (y > 0 ? y - 1 : 0) * columns;
        const float *restrict below = temperature + (y < rows - 1 ? y + 1 : rows - 1) * columns;
        for (int x = 0; x < columns; x++) {
            float t = row[x];
            float left = row[x > 0 ? x - 1 : 0];
            float right = row[x < columns - 1 ? x + 1 : columns - 1];
            float change = power[y * columns + x] + (below[x] + above[x] - 2.0f * t) * ry + (right + left - 2.0f * t) * rx + (80.0f - t) * rz;
            result[y * columns + x] = t + step * change;
        }
    }
}
