using System.Buffers.Text;
using System.Text;

namespace Nutanix.Prism.Machines;

/// <summary>
/// cloud-init user data as Prism takes it: base64, exactly once. Text that is base64 of user data already is not encoded a
/// second time. Line ends become LF: a guest would read CR as part of <c>#!/bin/sh</c>.
/// </summary>
internal static class CloudInitUserData
{
    /// <summary>Longest value Prism takes, in base64 characters.</summary>
    public const int MaxEncodedLength = 128_000;

    /// <exception cref="ArgumentException">It is empty, has no header line, or is too long. The text itself is not in the message.</exception>
    public static string Encode(string text)
    {
        string plain = Normalize(text);
        if (!HasHeader(plain) && Decode(plain) is { } decoded && HasHeader(Normalize(decoded)))
        {
            plain = Normalize(decoded);
        }

        if (plain.Trim().Length == 0)
        {
            throw new ArgumentException("The user data is empty: leave it out, or begin it with '#cloud-config'.", nameof(text));
        }

        if (!HasHeader(plain))
        {
            string hint = plain.StartsWith("## template:", StringComparison.Ordinal)
                ? " A template line above it is not understood by AOS: render the template first."
                : string.Empty;
            throw new ArgumentException($"The first line of the user data must be '#cloud-config' (YAML) or begin with '#!' (a script).{hint}", nameof(text));
        }

        string encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(plain));
        return encoded.Length <= MaxEncodedLength
            ? encoded
            : throw new ArgumentException(
                $"The user data is too long: {encoded.Length} characters in base64, Prism takes {MaxEncodedLength}. Let it fetch its larger parts from a server.", nameof(text));
    }

    private static bool HasHeader(string text)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        string first = (end < 0 ? text : text[..end]).TrimEnd();
        return first == "#cloud-config" || (first.StartsWith("#!", StringComparison.Ordinal) && first.Length > 2);
    }

    private static string Normalize(string text) => text.TrimStart('\uFEFF').ReplaceLineEndings("\n");

    private static string? Decode(string text)
    {
        string compact = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        if (compact.Length < 8 || !Base64.IsValid(compact))
        {
            return null;
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(compact));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
