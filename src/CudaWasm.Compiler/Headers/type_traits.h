// The part of <type_traits> that device code uses.
#pragma once

namespace std {

template <typename T, T V> struct integral_constant {
    static constexpr T value = V;
    using value_type = T;
    using type = integral_constant<T, V>;
    __host__ __device__ constexpr operator T() const { return V; }
    __host__ __device__ constexpr T operator()() const { return V; }
};
template <bool B> using bool_constant = integral_constant<bool, B>;
using true_type = integral_constant<bool, true>;
using false_type = integral_constant<bool, false>;

template <typename A, typename B> struct is_same : false_type {};
template <typename A> struct is_same<A, A> : true_type {};
template <typename A, typename B> inline constexpr bool is_same_v = is_same<A, B>::value;

template <bool B, typename T = void> struct enable_if {};
template <typename T> struct enable_if<true, T> { using type = T; };
template <bool B, typename T = void> using enable_if_t = typename enable_if<B, T>::type;

template <bool B, typename A, typename C> struct conditional { using type = A; };
template <typename A, typename C> struct conditional<false, A, C> { using type = C; };
template <bool B, typename A, typename C> using conditional_t = typename conditional<B, A, C>::type;

template <typename T> struct remove_const { using type = T; };
template <typename T> struct remove_const<const T> { using type = T; };
template <typename T> struct remove_volatile { using type = T; };
template <typename T> struct remove_volatile<volatile T> { using type = T; };
template <typename T> struct remove_cv { using type = typename remove_volatile<typename remove_const<T>::type>::type; };
template <typename T> struct remove_reference { using type = T; };
template <typename T> struct remove_reference<T &> { using type = T; };
template <typename T> struct remove_reference<T &&> { using type = T; };
template <typename T> struct remove_pointer { using type = T; };
template <typename T> struct remove_pointer<T *> { using type = T; };
template <typename T> struct add_pointer { using type = T *; };
template <typename T> struct add_const { using type = const T; };
template <typename T> struct decay { using type = typename remove_cv<typename remove_reference<T>::type>::type; };
template <typename A, typename B = A, typename C = void> struct common_type { using type = typename common_type<typename common_type<A, B>::type, C>::type; };
template <typename A, typename B> struct common_type<A, B, void> {
    using type = typename decay<decltype(false ? *(typename remove_reference<A>::type *)0 : *(typename remove_reference<B>::type *)0)>::type;
};
template <typename A, typename B = A, typename C = void> using common_type_t = typename common_type<A, B, C>::type;
template <typename T> using remove_const_t = typename remove_const<T>::type;
template <typename T> using remove_cv_t = typename remove_cv<T>::type;
template <typename T> using remove_reference_t = typename remove_reference<T>::type;
template <typename T> using remove_pointer_t = typename remove_pointer<T>::type;
template <typename T> using decay_t = typename decay<T>::type;
template <typename T> using remove_cvref_t = typename remove_cv<typename remove_reference<T>::type>::type;

template <typename T> struct is_floating_point : bool_constant<is_same_v<remove_cv_t<T>, float> || is_same_v<remove_cv_t<T>, double>> {};
template <typename T> struct __cw_is_signed_integer : bool_constant<is_same_v<T, signed char> || is_same_v<T, char> || is_same_v<T, short> || is_same_v<T, int> || is_same_v<T, long> || is_same_v<T, long long>> {};
template <typename T> struct __cw_is_unsigned_integer : bool_constant<is_same_v<T, unsigned char> || is_same_v<T, bool> || is_same_v<T, unsigned short> || is_same_v<T, unsigned int> || is_same_v<T, unsigned long> || is_same_v<T, unsigned long long>> {};
template <typename T> struct is_integral : bool_constant<__cw_is_signed_integer<remove_cv_t<T>>::value || __cw_is_unsigned_integer<remove_cv_t<T>>::value> {};
template <typename T> struct is_arithmetic : bool_constant<is_integral<T>::value || is_floating_point<T>::value> {};
template <typename T> struct is_signed : bool_constant<__cw_is_signed_integer<remove_cv_t<T>>::value || is_floating_point<T>::value> {};
template <typename T> struct is_unsigned : bool_constant<__cw_is_unsigned_integer<remove_cv_t<T>>::value> {};
template <typename T> struct is_void : is_same<remove_cv_t<T>, void> {};
template <typename T> struct is_pointer : false_type {};
template <typename T> struct is_pointer<T *> : true_type {};
template <typename T> struct is_const : false_type {};
template <typename T> struct is_const<const T> : true_type {};
template <typename T> struct is_reference : false_type {};
template <typename T> struct is_reference<T &> : true_type {};
template <typename T> inline constexpr bool is_floating_point_v = is_floating_point<T>::value;
template <typename T> inline constexpr bool is_integral_v = is_integral<T>::value;
template <typename T> inline constexpr bool is_arithmetic_v = is_arithmetic<T>::value;
template <typename T> inline constexpr bool is_signed_v = is_signed<T>::value;
template <typename T> inline constexpr bool is_unsigned_v = is_unsigned<T>::value;
template <typename T> inline constexpr bool is_void_v = is_void<T>::value;
template <typename T> inline constexpr bool is_pointer_v = is_pointer<T>::value;

template <typename T> struct make_unsigned { using type = T; };
template <> struct make_unsigned<char> { using type = unsigned char; };
template <> struct make_unsigned<signed char> { using type = unsigned char; };
template <> struct make_unsigned<short> { using type = unsigned short; };
template <> struct make_unsigned<int> { using type = unsigned int; };
template <> struct make_unsigned<long> { using type = unsigned long; };
template <> struct make_unsigned<long long> { using type = unsigned long long; };
template <typename T> struct make_signed { using type = T; };
template <> struct make_signed<unsigned char> { using type = signed char; };
template <> struct make_signed<unsigned short> { using type = short; };
template <> struct make_signed<unsigned int> { using type = int; };
template <> struct make_signed<unsigned long> { using type = long; };
template <> struct make_signed<unsigned long long> { using type = long long; };
template <typename T> using make_unsigned_t = typename make_unsigned<T>::type;
template <typename T> using make_signed_t = typename make_signed<T>::type;

template <typename... Ts> struct __cw_void { using type = void; };
template <typename... Ts> using void_t = typename __cw_void<Ts...>::type;

}
