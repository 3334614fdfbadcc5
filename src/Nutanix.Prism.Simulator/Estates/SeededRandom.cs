using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Nutanix.Prism.Simulator.Estates;

/// <summary>
/// Pure functions from a seed and a name to numbers and identifiers. Nothing here has a state, so what one call draws does
/// not depend on how many calls came before it.
/// </summary>
internal static class SeededRandom
{
    /// <summary>A well mixed 64-bit value of the seed and two numbers (the SplitMix64 finaliser, applied twice).</summary>
    public static ulong Bits(long seed, long a, long b = 0) =>
        Mix(Mix((ulong)seed * 0x9E3779B97F4A7C15UL + (ulong)a) + (ulong)b * 0xD1B54A32D192ED03UL);

    /// <summary>Uniform in [0, 1).</summary>
    public static double Unit(long seed, long a, long b = 0) => (Bits(seed, a, b) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, bound).</summary>
    public static int Below(int bound, long seed, long a, long b = 0) => (int)(Unit(seed, a, b) * bound);

    /// <summary>A UUID that looks like a random one (version 4) and is the same for the same seed and name.</summary>
    public static string Uuid(int seed, string name)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/{name}")), hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x40);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString();
    }

    /// <summary>A number that stands for a name, to seed the functions above.</summary>
    public static long Key(string name)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
