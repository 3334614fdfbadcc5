// Textures and surfaces. A texture object is the address of a description with the texels behind it, which CudaWasm.Runtime's
// DeviceTexture writes; so fetches are loads like any other, and no target needs to know of textures. What a fetch gives follows the
// CUDA C++ Programming Guide, "Texture Fetching" and "Surface Functions".
#pragma once

enum cudaTextureAddressMode { cudaAddressModeWrap, cudaAddressModeClamp, cudaAddressModeMirror, cudaAddressModeBorder };
enum cudaTextureFilterMode { cudaFilterModePoint, cudaFilterModeLinear };
enum cudaTextureReadMode { cudaReadModeElementType, cudaReadModeNormalizedFloat };
enum cudaSurfaceBoundaryMode { cudaBoundaryModeZero, cudaBoundaryModeClamp, cudaBoundaryModeTrap };
enum {
    cudaTextureType1D = 0x01, cudaTextureType2D = 0x02, cudaTextureType3D = 0x03, cudaTextureTypeCubemap = 0x0C, cudaTextureType1DLayered = 0xF1, cudaTextureType2DLayered = 0xF2, cudaTextureTypeCubemapLayered = 0xFC,
    cudaSurfaceType1D = 0x01, cudaSurfaceType2D = 0x02, cudaSurfaceType3D = 0x03, cudaSurfaceType1DLayered = 0xF1, cudaSurfaceType2DLayered = 0xF2,
};

// 128 bytes with what is reserved; DeviceTexture.cs has the same layout. The texels follow: x fastest, then y, then z, layer or face,
// and each mip level behind the larger one.
struct __cw_texture {
    int width, height, depth;
    int layered;        // depth counts layers or faces: it stays from level to level, and nothing is filtered across it
    int levels;
    int kind;           // of a channel: 0 signed, 1 unsigned, 2 floating point
    int bits;           // of a channel: 8, 16 or 32
    int channels;       // 1, 2 or 4
    int linear;
    int normalized;     // coordinates run from 0 to 1
    int as_float;       // integers are read as fractions of their largest value
    int address[3];     // cudaTextureAddressMode of x, y, z
    int mip_linear;
    int reserved;
    float border[4];
    float lod_bias, lod_least, lod_most;
    float reserved_more[9];
};

typedef const __cw_texture *cudaTextureObject_t;
typedef __cw_texture *cudaSurfaceObject_t;
typedef cudaTextureObject_t CUtexObject;
typedef cudaSurfaceObject_t CUsurfObject;

// The references of CUDA before 12: variables of the file, bound to a texture by their name.
template <typename T, int Type = cudaTextureType1D, cudaTextureReadMode Mode = cudaReadModeElementType> struct texture { cudaTextureObject_t object; };
template <typename T, int Type = cudaSurfaceType1D> struct surface { cudaSurfaceObject_t object; };

// One channel of a texel, as the bits of what a fetch returns: an integer of 32 bits or a float.
__device__ inline unsigned __cw_channel(const __cw_texture *t, long long texel, int channel) {
    const unsigned char *texels = (const unsigned char *)(t + 1);
    long long i = texel * t->channels + channel;
    if (t->bits == 32) return ((const unsigned *)texels)[i];
    bool is_signed = t->kind == 0;
    if (t->bits == 8) {
        int v = is_signed ? (int)((const signed char *)texels)[i] : (int)texels[i];
        return t->as_float ? __float_as_uint(is_signed ? fmaxf(v / 127.0f, -1.0f) : v / 255.0f) : (unsigned)v;
    }
    unsigned short v = ((const unsigned short *)texels)[i];
    if (t->kind == 2) return __float_as_uint(__half2float(__ushort_as_half(v)));
    if (t->as_float) return __float_as_uint(is_signed ? fmaxf((short)v / 32767.0f, -1.0f) : v / 65535.0f);
    return is_signed ? (unsigned)(int)(short)v : v;
}

__device__ inline unsigned __cw_border(const __cw_texture *t, int channel) {
    return t->kind == 2 || t->as_float ? __float_as_uint(t->border[channel]) : (unsigned)(int)t->border[channel];
}

// Wrap and mirror are for normalized coordinates; others are clamped then.
__device__ inline int __cw_address_mode(const __cw_texture *t, int axis) {
    int mode = t->address[axis];
    return t->normalized || mode == cudaAddressModeBorder ? mode : cudaAddressModeClamp;
}

// A coordinate in texels, so near to the texture that its floor fits an integer.
__device__ inline float __cw_coordinate(const __cw_texture *t, float x, int size, int mode) {
    if (t->normalized) {
        if (mode == cudaAddressModeWrap || mode == cudaAddressModeMirror) {
            float whole = floorf(x);
            x -= whole;
            if (mode == cudaAddressModeMirror && fmodf(whole, 2.0f) != 0.0f) x = 1.0f - x;
        }
        x *= size;
    }
    return fminf(fmaxf(x, -2.0f), size + 2.0f);
}

// The texel that an index means along one axis; -1 for the border.
__device__ inline int __cw_texel(int i, int size, int mode) {
    if (i >= 0 && i < size) return i;
    switch (mode) {
        case cudaAddressModeBorder: return -1;
        case cudaAddressModeWrap: i %= size; return i < 0 ? i + size : i;
        case cudaAddressModeMirror: i %= 2 * size; if (i < 0) i += 2 * size; return i < size ? i : 2 * size - 1 - i;
        default: return i < 0 ? 0 : size - 1;
    }
}

// Two channels, the first one in the lower half. Fetches give them by value: the address of a caller's variable would keep its threads from
// being lanes of vectors.
typedef unsigned long long __cw_pair;
__device__ inline __cw_pair __cw_pair_of(unsigned low, unsigned high) { return (__cw_pair)high << 32 | low; }

// Fetches two channels, from c on, from one mip level; dimensions counts the axes that are addressed and filtered, the rest goes by the layer.
__noinline__ __device__ __cw_pair __cw_fetch(const __cw_texture *t, int dimensions, float x, float y, float z, int layer, int level, int c) {
    int width = t->width, height = t->height, depth = t->depth;
    long long first = 0;
    for (int i = 0; i < level; ++i) {
        first += (long long)width * height * depth;
        width = max(width / 2, 1);
        height = max(height / 2, 1);
        if (!t->layered) depth = max(depth / 2, 1);
    }
    if (dimensions < 3) first += (long long)min(max(layer, 0), depth - 1) * width * height;
    int mode_x = __cw_address_mode(t, 0), mode_y = __cw_address_mode(t, 1), mode_z = __cw_address_mode(t, 2);
    x = __cw_coordinate(t, x, width, mode_x);
    y = dimensions > 1 ? __cw_coordinate(t, y, height, mode_y) : 0.5f;
    z = dimensions > 2 ? __cw_coordinate(t, z, depth, mode_z) : 0.5f;
    if (!t->linear) {
        int i = __cw_texel((int)floorf(x), width, mode_x), j = __cw_texel((int)floorf(y), height, mode_y), k = dimensions > 2 ? __cw_texel((int)floorf(z), depth, mode_z) : 0;
        bool is_border = i < 0 || j < 0 || k < 0;
        if (is_border) return __cw_pair_of(c < t->channels ? __cw_border(t, c) : 0u, c + 1 < t->channels ? __cw_border(t, c + 1) : 0u);
        long long texel = first + ((long long)k * height + j) * width + i;
        return __cw_pair_of(c < t->channels ? __cw_channel(t, texel, c) : 0u, c + 1 < t->channels ? __cw_channel(t, texel, c + 1) : 0u);
    }

    // Weights have 8 bits behind the point, and 1 is among them.
    float left = floorf(x - 0.5f), top = floorf(y - 0.5f), front = floorf(z - 0.5f);
    float a = rintf((x - 0.5f - left) * 256.0f) / 256.0f, b = rintf((y - 0.5f - top) * 256.0f) / 256.0f, g = rintf((z - 0.5f - front) * 256.0f) / 256.0f;
    float low = 0.0f, high = 0.0f;
    for (int corner = 0; corner < 1 << dimensions; ++corner) {
        int right = corner & 1, below = corner >> 1 & 1, behind = corner >> 2;
        float weight = right ? a : 1.0f - a;
        if (dimensions > 1) weight *= below ? b : 1.0f - b;
        if (dimensions > 2) weight *= behind ? g : 1.0f - g;
        if (weight == 0.0f) continue;
        int i = __cw_texel((int)left + right, width, mode_x);
        int j = dimensions > 1 ? __cw_texel((int)top + below, height, mode_y) : 0;
        int k = dimensions > 2 ? __cw_texel((int)front + behind, depth, mode_z) : 0;
        bool is_border = i < 0 || j < 0 || k < 0;
        long long texel = first + ((long long)k * height + j) * width + i;
        if (c < t->channels) low += weight * __uint_as_float(is_border ? __cw_border(t, c) : __cw_channel(t, texel, c));
        if (c + 1 < t->channels) high += weight * __uint_as_float(is_border ? __cw_border(t, c + 1) : __cw_channel(t, texel, c + 1));
    }
    return __cw_pair_of(__float_as_uint(low), __float_as_uint(high));
}

// A level of detail between two mip levels is the nearer one, or filtered between the two.
__noinline__ __device__ __cw_pair __cw_fetch_lod(const __cw_texture *t, int dimensions, float x, float y, float z, int layer, float lod, int c) {
    lod = fminf(fmaxf(lod + t->lod_bias, t->lod_least), t->lod_most);
    lod = fminf(fmaxf(lod, 0.0f), t->levels - 1.0f);
    int level = (int)(t->mip_linear ? floorf(lod) : floorf(lod + 0.5f));
    __cw_pair larger = __cw_fetch(t, dimensions, x, y, z, layer, level, c);
    float weight = rintf((lod - level) * 256.0f) / 256.0f;
    if (!t->mip_linear || weight == 0.0f) return larger;
    __cw_pair smaller = __cw_fetch(t, dimensions, x, y, z, layer, level + 1, c);
    float low = (1.0f - weight) * __uint_as_float((unsigned)larger) + weight * __uint_as_float((unsigned)smaller);
    float high = (1.0f - weight) * __uint_as_float((unsigned)(larger >> 32)) + weight * __uint_as_float((unsigned)(smaller >> 32));
    return __cw_pair_of(__float_as_uint(low), __float_as_uint(high));
}

// A texel of linear memory by its index: outside of it everything is zero.
__noinline__ __device__ __cw_pair __cw_fetch_linear(const __cw_texture *t, int i, int c) {
    if (i < 0 || i >= t->width) return 0;
    return __cw_pair_of(c < t->channels ? __cw_channel(t, i, c) : 0u, c + 1 < t->channels ? __cw_channel(t, i, c + 1) : 0u);
}

// The face of a cube that a direction meets, and where (Programming Guide, "Cubemap Textures").
__device__ inline int __cw_face(float x, float y, float z, float &s, float &t) {
    float ax = fabsf(x), ay = fabsf(y), az = fabsf(z), m;
    int face;
    if (ax >= ay && ax >= az) { face = x >= 0.0f ? 0 : 1; m = ax; s = x >= 0.0f ? -z : z; t = -y; }
    else if (ay >= az) { face = y >= 0.0f ? 2 : 3; m = ay; s = x; t = y >= 0.0f ? z : -z; }
    else { face = z >= 0.0f ? 4 : 5; m = az; s = z >= 0.0f ? x : -x; t = -y; }
    s = (s / m + 1.0f) / 2.0f;
    t = (t / m + 1.0f) / 2.0f;
    return face;
}

// Level of detail from how far the coordinates move from pixel to pixel.
__device__ inline float __cw_lod(float dx, float dy) { return log2f(fmaxf(dx, dy)); }
__device__ inline float __cw_texels(const __cw_texture *t, float d, int size) { return t->normalized ? d * size : d; }

// Texels of more than two channels take a second fetch.
template <typename T> struct __cw_texel_of { enum { is_wide = 0 }; };

#define __CW_TEXEL_TYPES(E, V, CAST) \
    template <> struct __cw_texel_of<V##4> { enum { is_wide = 1 }; }; \
    __device__ inline void __cw_take(const unsigned *l, E &r) { r = CAST(l[0]); } \
    __device__ inline void __cw_take(const unsigned *l, V##1 &r) { r.x = CAST(l[0]); } \
    __device__ inline void __cw_take(const unsigned *l, V##2 &r) { r.x = CAST(l[0]); r.y = CAST(l[1]); } \
    __device__ inline void __cw_take(const unsigned *l, V##4 &r) { r.x = CAST(l[0]); r.y = CAST(l[1]); r.z = CAST(l[2]); r.w = CAST(l[3]); }
__CW_TEXEL_TYPES(signed char, char, (signed char))
__CW_TEXEL_TYPES(unsigned char, uchar, (unsigned char))
__CW_TEXEL_TYPES(short, short, (short))
__CW_TEXEL_TYPES(unsigned short, ushort, (unsigned short))
__CW_TEXEL_TYPES(int, int, (int))
__CW_TEXEL_TYPES(unsigned int, uint, (unsigned))
__CW_TEXEL_TYPES(float, float, __uint_as_float)
__device__ inline void __cw_take(const unsigned *l, char &r) { r = (char)l[0]; }
#undef __CW_TEXEL_TYPES

// What a reference of a read mode gives.
template <typename T, cudaTextureReadMode Mode> struct __cw_read { typedef T type; };
#define __CW_NORMALIZED(E, V) \
    template <> struct __cw_read<E, cudaReadModeNormalizedFloat> { typedef float type; }; \
    template <> struct __cw_read<V##1, cudaReadModeNormalizedFloat> { typedef float1 type; }; \
    template <> struct __cw_read<V##2, cudaReadModeNormalizedFloat> { typedef float2 type; }; \
    template <> struct __cw_read<V##4, cudaReadModeNormalizedFloat> { typedef float4 type; };
__CW_NORMALIZED(signed char, char)
__CW_NORMALIZED(unsigned char, uchar)
__CW_NORMALIZED(short, short)
__CW_NORMALIZED(unsigned short, ushort)
template <> struct __cw_read<char, cudaReadModeNormalizedFloat> { typedef float type; };
#undef __CW_NORMALIZED

// Each function in three forms: of an object with the type spelled, of an object with a result to fill, and of a reference.
#define __CW_TEXTURE_FUNCTION(NAME, TYPE, PARAMETERS, ARGUMENTS, FETCH) \
    template <typename T> __device__ inline T NAME(cudaTextureObject_t t, PARAMETERS) { unsigned l[4]; FETCH; T r; __cw_take(l, r); return r; } \
    template <typename T> __device__ inline void NAME(T *result, cudaTextureObject_t t, PARAMETERS) { *result = NAME<T>(t, ARGUMENTS); } \
    template <typename T, cudaTextureReadMode Mode> __device__ inline typename __cw_read<T, Mode>::type NAME(texture<T, TYPE, Mode> reference, PARAMETERS) { \
        return NAME<typename __cw_read<T, Mode>::type>(reference.object, ARGUMENTS); \
    }
#define __CW_LIST(...) __VA_ARGS__
#define __CW_CHANNELS(...) \
    { const int c = 0; __cw_pair p = __VA_ARGS__; l[0] = (unsigned)p; l[1] = (unsigned)(p >> 32); } \
    if (__cw_texel_of<T>::is_wide) { const int c = 2; __cw_pair p = __VA_ARGS__; l[2] = (unsigned)p; l[3] = (unsigned)(p >> 32); }
__CW_TEXTURE_FUNCTION(tex1Dfetch, cudaTextureType1D, int x, x, __CW_CHANNELS(__cw_fetch_linear(t, x, c)))
__CW_TEXTURE_FUNCTION(tex1D, cudaTextureType1D, float x, x, __CW_CHANNELS(__cw_fetch(t, 1, x, 0.0f, 0.0f, 0, 0, c)))
__CW_TEXTURE_FUNCTION(tex2D, cudaTextureType2D, __CW_LIST(float x, float y), __CW_LIST(x, y), __CW_CHANNELS(__cw_fetch(t, 2, x, y, 0.0f, 0, 0, c)))
__CW_TEXTURE_FUNCTION(tex3D, cudaTextureType3D, __CW_LIST(float x, float y, float z), __CW_LIST(x, y, z), __CW_CHANNELS(__cw_fetch(t, 3, x, y, z, 0, 0, c)))
__CW_TEXTURE_FUNCTION(tex1DLayered, cudaTextureType1DLayered, __CW_LIST(float x, int layer), __CW_LIST(x, layer), __CW_CHANNELS(__cw_fetch(t, 1, x, 0.0f, 0.0f, layer, 0, c)))
__CW_TEXTURE_FUNCTION(tex2DLayered, cudaTextureType2DLayered, __CW_LIST(float x, float y, int layer), __CW_LIST(x, y, layer), __CW_CHANNELS(__cw_fetch(t, 2, x, y, 0.0f, layer, 0, c)))
__CW_TEXTURE_FUNCTION(texCubemap, cudaTextureTypeCubemap, __CW_LIST(float x, float y, float z), __CW_LIST(x, y, z),
    __CW_LIST(float u, v; int face = __cw_face(x, y, z, u, v); __CW_CHANNELS(__cw_fetch(t, 2, u, v, 0.0f, face, 0, c))))
__CW_TEXTURE_FUNCTION(texCubemapLayered, cudaTextureTypeCubemapLayered, __CW_LIST(float x, float y, float z, int layer), __CW_LIST(x, y, z, layer),
    __CW_LIST(float u, v; int face = __cw_face(x, y, z, u, v); __CW_CHANNELS(__cw_fetch(t, 2, u, v, 0.0f, 6 * layer + face, 0, c))))
__CW_TEXTURE_FUNCTION(tex1DLod, cudaTextureType1D, __CW_LIST(float x, float level), __CW_LIST(x, level), __CW_CHANNELS(__cw_fetch_lod(t, 1, x, 0.0f, 0.0f, 0, level, c)))
__CW_TEXTURE_FUNCTION(tex2DLod, cudaTextureType2D, __CW_LIST(float x, float y, float level), __CW_LIST(x, y, level), __CW_CHANNELS(__cw_fetch_lod(t, 2, x, y, 0.0f, 0, level, c)))
__CW_TEXTURE_FUNCTION(tex3DLod, cudaTextureType3D, __CW_LIST(float x, float y, float z, float level), __CW_LIST(x, y, z, level), __CW_CHANNELS(__cw_fetch_lod(t, 3, x, y, z, 0, level, c)))
__CW_TEXTURE_FUNCTION(tex1DLayeredLod, cudaTextureType1DLayered, __CW_LIST(float x, int layer, float level), __CW_LIST(x, layer, level), __CW_CHANNELS(__cw_fetch_lod(t, 1, x, 0.0f, 0.0f, layer, level, c)))
__CW_TEXTURE_FUNCTION(tex2DLayeredLod, cudaTextureType2DLayered, __CW_LIST(float x, float y, int layer, float level), __CW_LIST(x, y, layer, level), __CW_CHANNELS(__cw_fetch_lod(t, 2, x, y, 0.0f, layer, level, c)))
__CW_TEXTURE_FUNCTION(texCubemapLod, cudaTextureTypeCubemap, __CW_LIST(float x, float y, float z, float level), __CW_LIST(x, y, z, level),
    __CW_LIST(float u, v; int face = __cw_face(x, y, z, u, v); __CW_CHANNELS(__cw_fetch_lod(t, 2, u, v, 0.0f, face, level, c))))
__CW_TEXTURE_FUNCTION(tex1DGrad, cudaTextureType1D, __CW_LIST(float x, float dx, float dy), __CW_LIST(x, dx, dy),
    __CW_CHANNELS(__cw_fetch_lod(t, 1, x, 0.0f, 0.0f, 0, __cw_lod(fabsf(__cw_texels(t, dx, t->width)), fabsf(__cw_texels(t, dy, t->width))), c)))
__CW_TEXTURE_FUNCTION(tex2DGrad, cudaTextureType2D, __CW_LIST(float x, float y, float2 dx, float2 dy), __CW_LIST(x, y, dx, dy),
    __CW_CHANNELS(__cw_fetch_lod(t, 2, x, y, 0.0f, 0, __cw_lod(hypotf(__cw_texels(t, dx.x, t->width), __cw_texels(t, dx.y, t->height)), hypotf(__cw_texels(t, dy.x, t->width), __cw_texels(t, dy.y, t->height))), c)))
#undef __CW_TEXTURE_FUNCTION
#undef __CW_CHANNELS
#undef __CW_LIST

// One channel of the four texels that a linear fetch would weigh, counter-clockwise from the lower left one (the larger y).
__noinline__ __device__ __cw_pair __cw_gather(const __cw_texture *t, float x, float y, int channel, int first) {
    int mode_x = __cw_address_mode(t, 0), mode_y = __cw_address_mode(t, 1);
    int left = (int)floorf(__cw_coordinate(t, x, t->width, mode_x) - 0.5f), top = (int)floorf(__cw_coordinate(t, y, t->height, mode_y) - 0.5f);
    __cw_pair both = 0;
    for (int n = first; n < first + 2; ++n) {
        int i = __cw_texel(left + (n == 1 || n == 2), t->width, mode_x), j = __cw_texel(top + (n < 2), t->height, mode_y);
        __cw_pair texel = channel >= t->channels ? 0u : i < 0 || j < 0 ? __cw_border(t, channel) : __cw_channel(t, (long long)j * t->width + i, channel);
        both |= texel << 32 * (n - first);
    }
    return both;
}

template <typename T> __device__ inline T tex2Dgather(cudaTextureObject_t t, float x, float y, int channel = 0) {
    __cw_pair low = __cw_gather(t, x, y, channel, 0), high = __cw_gather(t, x, y, channel, 2);
    unsigned l[4] = {(unsigned)low, (unsigned)(low >> 32), (unsigned)high, (unsigned)(high >> 32)};
    T r;
    __cw_take(l, r);
    return r;
}

#define __CW_GATHER(E, V) \
    __device__ inline V##4 tex2Dgather(texture<E, cudaTextureType2D, cudaReadModeElementType> reference, float x, float y, int channel = 0) { return tex2Dgather<V##4>(reference.object, x, y, channel); } \
    __device__ inline V##4 tex2Dgather(texture<V##2, cudaTextureType2D, cudaReadModeElementType> reference, float x, float y, int channel = 0) { return tex2Dgather<V##4>(reference.object, x, y, channel); } \
    __device__ inline V##4 tex2Dgather(texture<V##4, cudaTextureType2D, cudaReadModeElementType> reference, float x, float y, int channel = 0) { return tex2Dgather<V##4>(reference.object, x, y, channel); }
__CW_GATHER(signed char, char)
__CW_GATHER(unsigned char, uchar)
__CW_GATHER(short, short)
__CW_GATHER(unsigned short, ushort)
__CW_GATHER(int, int)
__CW_GATHER(unsigned int, uint)
__CW_GATHER(float, float)
#undef __CW_GATHER
template <typename T> __device__ inline float4 tex2Dgather(texture<T, cudaTextureType2D, cudaReadModeNormalizedFloat> reference, float x, float y, int channel = 0) { return tex2Dgather<float4>(reference.object, x, y, channel); }

// Where an element of a surface lies; x counts bytes. Null where it lies outside and is not to be read or written.
__device__ inline unsigned char *__cw_element(cudaSurfaceObject_t s, int bytes, int x, int y, int z, cudaSurfaceBoundaryMode mode) {
    int pitch = s->width * s->channels * (s->bits / 8);
    if (x < 0 || x > pitch - bytes || y < 0 || y >= s->height || z < 0 || z >= s->depth) {
        if (mode == cudaBoundaryModeZero) return nullptr;
        if (mode == cudaBoundaryModeTrap) __cw_trap("a surface was accessed out of its bounds");
        x = min(max(x, 0), pitch - bytes);
        y = min(max(y, 0), s->height - 1);
        z = min(max(z, 0), s->depth - 1);
    }
    return (unsigned char *)(s + 1) + ((long long)z * s->height + y) * pitch + x;
}

#define __CW_SURFACE_FUNCTIONS(NAME, TYPE, PARAMETERS, ARGUMENTS, PLACE) \
    template <typename T> __device__ inline T NAME##read(cudaSurfaceObject_t s, PARAMETERS, cudaSurfaceBoundaryMode mode = cudaBoundaryModeTrap) { \
        const unsigned char *at = __cw_element(s, sizeof(T), PLACE, mode); \
        T r = T(); \
        if (at) r = *(const T *)at; \
        return r; \
    } \
    template <typename T> __device__ inline void NAME##read(T *result, cudaSurfaceObject_t s, PARAMETERS, cudaSurfaceBoundaryMode mode = cudaBoundaryModeTrap) { \
        *result = NAME##read<T>(s, ARGUMENTS, mode); \
    } \
    template <typename T> __device__ inline void NAME##write(T value, cudaSurfaceObject_t s, PARAMETERS, cudaSurfaceBoundaryMode mode = cudaBoundaryModeTrap) { \
        unsigned char *at = __cw_element(s, sizeof(T), PLACE, mode); \
        if (at) *(T *)at = value; \
    } \
    template <typename T, typename U> __device__ inline T NAME##read(surface<U, TYPE> s, PARAMETERS, cudaSurfaceBoundaryMode mode = cudaBoundaryModeTrap) { \
        return NAME##read<T>(s.object, ARGUMENTS, mode); \
    } \
    template <typename T, typename U> __device__ inline void NAME##read(T *result, surface<U, TYPE> s, PARAMETERS, cudaSurfaceBoundaryMode mode = cudaBoundaryModeTrap) { \
        *result = NAME##read<T>(s.object, ARGUMENTS, mode); \
    } \
    template <typename T, typename U> __device__ inline void NAME##write(T value, surface<U, TYPE> s, PARAMETERS, cudaSurfaceBoundaryMode mode = cudaBoundaryModeTrap) { \
        NAME##write<T>(value, s.object, ARGUMENTS, mode); \
    }
#define __CW_LIST(...) __VA_ARGS__
__CW_SURFACE_FUNCTIONS(surf1D, cudaSurfaceType1D, int x, x, __CW_LIST(x, 0, 0))
__CW_SURFACE_FUNCTIONS(surf2D, cudaSurfaceType2D, __CW_LIST(int x, int y), __CW_LIST(x, y), __CW_LIST(x, y, 0))
__CW_SURFACE_FUNCTIONS(surf3D, cudaSurfaceType3D, __CW_LIST(int x, int y, int z), __CW_LIST(x, y, z), __CW_LIST(x, y, z))
__CW_SURFACE_FUNCTIONS(surf1DLayered, cudaSurfaceType1DLayered, __CW_LIST(int x, int layer), __CW_LIST(x, layer), __CW_LIST(x, 0, layer))
__CW_SURFACE_FUNCTIONS(surf2DLayered, cudaSurfaceType2DLayered, __CW_LIST(int x, int y, int layer), __CW_LIST(x, y, layer), __CW_LIST(x, y, layer))
__CW_SURFACE_FUNCTIONS(surfCubemap, cudaTextureTypeCubemap, __CW_LIST(int x, int y, int face), __CW_LIST(x, y, face), __CW_LIST(x, y, face))
#undef __CW_SURFACE_FUNCTIONS
#undef __CW_LIST
