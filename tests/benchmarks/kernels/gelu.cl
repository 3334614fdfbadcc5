__kernel void gelu(__global const float *in, __global float *out, int n)
{
    int i = get_global_id(0);
    if (i >= n) return;
    float x = in[i];
    out[i] = 0.5f * x * (1.0f + tanh(0.7978845608f * (x + 0.044715f * x * x * x)));
}
