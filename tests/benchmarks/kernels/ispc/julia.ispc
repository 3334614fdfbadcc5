task void juliaRow(uniform int counts[], uniform int width, uniform int height, uniform int limit, uniform float cr, uniform float ci)
{
    uniform int y = taskIndex;
    foreach (x = 0 ... width) {
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

export void julia(void *uniform *uniform arguments)
{
    uniform int width = ((uniform int *uniform)arguments[1])[0];
    uniform int height = ((uniform int *uniform)arguments[2])[0];
    uniform int limit = ((uniform int *uniform)arguments[3])[0];
    uniform float cr = ((uniform float *uniform)arguments[4])[0];
    uniform float ci = ((uniform float *uniform)arguments[5])[0];
    launch[height] juliaRow((uniform int *uniform)arguments[0], width, height, limit, cr, ci);
}
