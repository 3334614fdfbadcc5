float cumulativeNormal(float d)
{
    const float a1 = 0.31938153f, a2 = -0.356563782f, a3 = 1.781477937f, a4 = -1.821255978f, a5 = 1.330274429f;
    float k = 1.0f / (1.0f + 0.2316419f * fabs(d));
    float tail = 0.39894228f * exp(-0.5f * d * d) * (k * (a1 + k * (a2 + k * (a3 + k * (a4 + k * a5)))));
    return d > 0.0f ? 1.0f - tail : tail;
}

__kernel void blackScholes(__global const float *price, __global const float *strike, __global const float *years, __global float *call,
                           __global float *put, float riskFree, float volatility, int n)
{
    int i = get_global_id(0);
    if (i >= n) return;
    float root = sqrt(years[i]);
    float d1 = (log(price[i] / strike[i]) + (riskFree + 0.5f * volatility * volatility) * years[i]) / (volatility * root);
    float d2 = d1 - volatility * root;
    float n1 = cumulativeNormal(d1);
    float n2 = cumulativeNormal(d2);
    float discounted = strike[i] * exp(-riskFree * years[i]);
    call[i] = price[i] * n1 - discounted * n2;
    put[i] = discounted * (1.0f - n2) - price[i] * (1.0f - n1);
}
