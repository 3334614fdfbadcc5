using System.Text;

namespace GpuPlatform.Manifests;

/// <summary>Writes documents to disk so that a reader finds the whole file or none of it.</summary>
public static class ManifestFiles
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>
    /// Writes <paramref name="text"/> beside <paramref name="path"/> and moves it into place: an interrupted or failed write
    /// leaves the former file as it was. Folders are made as needed. Returns the full path.
    /// </summary>
    public static string Write(string path, string text)
    {
        var target = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(target) ?? throw new IOException($"'{path}' names no file.");
        Directory.CreateDirectory(folder);

        var partial = Path.Combine(folder, $".{Path.GetFileName(target)}.{Guid.NewGuid():n}.partial");
        try
        {
            File.WriteAllText(partial, text, Utf8);
            File.Move(partial, target, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }

        return target;
    }
}
