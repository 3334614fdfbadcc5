// A complex number, for std:: and thrust:: alike: included inside of the namespace.
template <typename T> struct complex {
    using value_type = T;
    T re, im;
    __host__ __device__ constexpr complex() : re(0), im(0) {}
    __host__ __device__ constexpr complex(const T &r) : re(r), im(0) {}
    __host__ __device__ constexpr complex(const T &r, const T &i) : re(r), im(i) {}
    template <typename U> __host__ __device__ constexpr complex(const complex<U> &other) : re((T)other.re), im((T)other.im) {}
    __host__ __device__ constexpr T real() const { return re; }
    __host__ __device__ constexpr T imag() const { return im; }
    __host__ __device__ void real(T value) { re = value; }
    __host__ __device__ void imag(T value) { im = value; }
    __host__ __device__ complex &operator+=(const complex &o) { re += o.re; im += o.im; return *this; }
    __host__ __device__ complex &operator-=(const complex &o) { re -= o.re; im -= o.im; return *this; }
    __host__ __device__ complex &operator*=(const complex &o) { T r = re * o.re - im * o.im; im = re * o.im + im * o.re; re = r; return *this; }
    __host__ __device__ complex &operator*=(const T &o) { re *= o; im *= o; return *this; }
    __host__ __device__ complex &operator/=(const T &o) { re /= o; im /= o; return *this; }
    __host__ __device__ complex &operator/=(const complex &o) { *this = *this / o; return *this; }
    __host__ __device__ friend constexpr complex operator+(const complex &a, const complex &b) { return complex(a.re + b.re, a.im + b.im); }
    __host__ __device__ friend constexpr complex operator+(const complex &a, const T &b) { return complex(a.re + b, a.im); }
    __host__ __device__ friend constexpr complex operator+(const T &a, const complex &b) { return complex(a + b.re, b.im); }
    __host__ __device__ friend constexpr complex operator-(const complex &a, const complex &b) { return complex(a.re - b.re, a.im - b.im); }
    __host__ __device__ friend constexpr complex operator-(const complex &a, const T &b) { return complex(a.re - b, a.im); }
    __host__ __device__ friend constexpr complex operator-(const T &a, const complex &b) { return complex(a - b.re, -b.im); }
    __host__ __device__ friend constexpr complex operator-(const complex &a) { return complex(-a.re, -a.im); }
    __host__ __device__ friend constexpr complex operator+(const complex &a) { return a; }
    __host__ __device__ friend constexpr complex operator*(const complex &a, const complex &b) { return complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re); }
    __host__ __device__ friend constexpr complex operator*(const complex &a, const T &b) { return complex(a.re * b, a.im * b); }
    __host__ __device__ friend constexpr complex operator*(const T &a, const complex &b) { return complex(a * b.re, a * b.im); }
    // Scaled, so that squares of large parts do not overflow.
    __host__ __device__ friend complex operator/(const complex &a, const complex &b) {
        T scale = fabs(b.re) + fabs(b.im), inverse = T(1) / scale;
        T ar = a.re * inverse, ai = a.im * inverse, br = b.re * inverse, bi = b.im * inverse;
        T norm = T(1) / (br * br + bi * bi);
        return complex((ar * br + ai * bi) * norm, (ai * br - ar * bi) * norm);
    }
    __host__ __device__ friend constexpr complex operator/(const complex &a, const T &b) { return complex(a.re / b, a.im / b); }
    __host__ __device__ friend complex operator/(const T &a, const complex &b) { return complex(a) / b; }
    __host__ __device__ friend constexpr bool operator==(const complex &a, const complex &b) { return a.re == b.re && a.im == b.im; }
    __host__ __device__ friend constexpr bool operator!=(const complex &a, const complex &b) { return a.re != b.re || a.im != b.im; }
};

template <typename T> __host__ __device__ constexpr T real(const complex<T> &z) { return z.re; }
template <typename T> __host__ __device__ constexpr T imag(const complex<T> &z) { return z.im; }
template <typename T> __host__ __device__ constexpr complex<T> conj(const complex<T> &z) { return complex<T>(z.re, -z.im); }
template <typename T> __host__ __device__ constexpr T norm(const complex<T> &z) { return z.re * z.re + z.im * z.im; }
template <typename T> __host__ __device__ T abs(const complex<T> &z) { return hypot(z.re, z.im); }
template <typename T> __host__ __device__ T arg(const complex<T> &z) { return atan2(z.im, z.re); }
template <typename T> __host__ __device__ complex<T> polar(const T &r, const T &angle = T(0)) { return complex<T>(r * cos(angle), r * sin(angle)); }
template <typename T> __host__ __device__ complex<T> exp(const complex<T> &z) { return polar(exp(z.re), z.im); }
template <typename T> __host__ __device__ complex<T> log(const complex<T> &z) { return complex<T>(log(abs(z)), arg(z)); }
template <typename T> __host__ __device__ complex<T> sqrt(const complex<T> &z) { return polar(sqrt(abs(z)), arg(z) / T(2)); }
template <typename T> __host__ __device__ complex<T> pow(const complex<T> &z, const T &n) { return polar(pow(abs(z), n), arg(z) * n); }
template <typename T> __host__ __device__ complex<T> sin(const complex<T> &z) { return complex<T>(sin(z.re) * cosh(z.im), cos(z.re) * sinh(z.im)); }
template <typename T> __host__ __device__ complex<T> cos(const complex<T> &z) { return complex<T>(cos(z.re) * cosh(z.im), -sin(z.re) * sinh(z.im)); }
