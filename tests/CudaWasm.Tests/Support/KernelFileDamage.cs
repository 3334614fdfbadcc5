using System.Security.Cryptography;

namespace CudaWasm.Tests.Support;

/// <summary>Changes compiled kernels as somebody with bad intentions would: the checksum holds again afterwards.</summary>
internal static class KernelFileDamage
{
    /// <summary>A few bytes become others, go, come or move; seeded.</summary>
    public static byte[] Mutilate(byte[] file, Random random)
    {
        var payload = file[PayloadStart(file)..].ToList();
        for (var edits = random.Next(1, 5); edits > 0; edits--)
        {
            var at = Place(payload, random);
            switch (random.Next(6))
            {
                case 0:
                    payload[at] = (byte)random.Next(256);
                    break;
                case 1:
                    payload[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    // Small numbers are tags, types, operators, slots.
                    payload[at] = (byte)random.Next(24);
                    break;
                case 3:
                    payload.RemoveRange(at, Math.Min(random.Next(1, 6), payload.Count - at));
                    break;
                case 4:
                    payload.InsertRange(at, payload.GetRange(at, Math.Min(random.Next(1, 12), payload.Count - at)));
                    break;
                default:
                    var from = random.Next(payload.Count);
                    payload.InsertRange(at, payload.GetRange(from, Math.Min(random.Next(1, 40), payload.Count - from)));
                    break;
            }
        }

        return Seal(file, [.. payload]);
    }

    /// <summary>Names and sources are most of a file, and matter least: what looks like text is passed over as a rule.</summary>
    private static int Place(List<byte> payload, Random random)
    {
        var at = random.Next(payload.Count);
        for (var tries = 0; tries < 20 && payload[at] is >= 32 and < 127; tries++) at = random.Next(payload.Count);
        return at;
    }

    /// <summary>The file with another payload, and its checksum.</summary>
    public static byte[] Seal(byte[] file, byte[] payload) => [.. file[..(PayloadStart(file) - SHA256.HashSizeInBytes)], .. SHA256.HashData(payload), .. payload];

    private static int PayloadStart(byte[] file) => 8 + 16 + 1 + file[24] + SHA256.HashSizeInBytes;
}
