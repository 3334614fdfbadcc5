using System.Globalization;

namespace CudaWasm.Runtime;

internal sealed partial class LaunchData
{
    /// <summary>Takes the changes of all parts into the buffers, which hold the first content.</summary>
    /// <returns>For each output, how many elements parts changed, and how many of those several parts did.</returns>
    public IReadOnlyList<(long Changed, long Overlapping)> Merge(IReadOnlyList<string> parts, PartOverlap overlap, CancellationToken cancellationToken) =>
        [.. _items.Where(i => i.Output is not null).Select(item => Merge(item, parts, overlap, cancellationToken))];

    private (long Changed, long Overlapping) Merge(Item item, IReadOnlyList<string> parts, PartOverlap overlap, CancellationToken cancellationToken)
    {
        var files = new List<FileStream>();
        try
        {
            foreach (var part in parts) files.Add(Open(item, Path.Combine(part, Path.GetFileName(item.Output!))));
            var merge = new PartMerge(item.Element, overlap);
            for (long at = 0; at < item.ByteLength; at += ChunkBytes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var length = (int)Math.Min(ChunkBytes, item.ByteLength - at);
                item.Buffer.CopyTo(merge.Begin(length), item.Start + at);
                for (var part = 0; part < files.Count; part++)
                {
                    files[part].ReadExactly(merge.Changed);
                    if (merge.Take(part) is var (index, other)) throw Conflict(item, (at / item.Element.Size) + index, parts[other], parts[part], overlap);
                }

                item.Buffer.CopyFrom(merge.Merged, item.Start + at);
            }

            return (merge.Changes, merge.Overlaps);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchFileException(_file.Path, null, $"the outputs of a part cannot be read: {e.Message}", e);
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }

    /// <summary>The output of one part, at its first element.</summary>
    private FileStream Open(Item item, string path)
    {
        if (!File.Exists(path)) throw new LaunchFileException(_file.Path, null, $"there is no {path}: that part has not run, or not to its end");
        var (count, _, offset) = Inspect(path, item.Element, "$");
        if (count * item.Element.Size != item.ByteLength)
        {
            throw new LaunchFileException(_file.Path, null, string.Create(CultureInfo.InvariantCulture, $"{path} has {count} elements, but {item.Buffer.Name} has {item.ByteLength / item.Element.Size}: it is another launch's"));
        }

        var stream = File.OpenRead(path);
        stream.Seek(offset, SeekOrigin.Begin);
        return stream;
    }

    private LaunchFileException Conflict(Item item, long index, string one, string other, PartOverlap overlap) => new(
        _file.Path,
        null,
        string.Create(CultureInfo.InvariantCulture, $"{item.Buffer.Name}[{index}] was changed by the parts in {one} and in {other}{(overlap == PartOverlap.Same ? ", to values that differ" : "")}. ")
        + (overlap == PartOverlap.Same ? "If blocks add to it atomically, merge with --overlap sum." : "If they give it the same value, merge with --overlap same; if they add to it atomically, with --overlap sum."));
}
