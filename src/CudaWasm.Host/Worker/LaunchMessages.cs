using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CudaWasm.Runtime;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CudaWasm.Host.Worker;

/// <summary>Reads a launch from a request: a part <c>launch</c> with its JSON first, then a part for each input.</summary>
internal sealed class LaunchMessageReader
{
    private const string LaunchPartName = "launch";
    private const string SourcePartName = "source";

    private const int MaxJsonBytes = 1 << 20;
    private const int MaxBoundaryLength = 70;
    private const int ChunkBytes = 1 << 17;

    private readonly HttpRequest _request;
    private readonly MultipartReader? _parts;

    /// <exception cref="WorkerProblem">415 for a content type that is none of the two.</exception>
    public LaunchMessageReader(HttpRequest request)
    {
        _request = request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !(IsJson(type) || IsMultipart(type)))
            throw WorkerProblem.MediaType("Send multipart/form-data with a part 'launch' and a part for each input, or application/json for a launch without inputs.");
        if (IsJson(type))
            return;

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundaryLength)
            throw WorkerProblem.BadRequest("The content type has no boundary of 1 to 70 characters.");
        _parts = new MultipartReader(boundary, request.Body, ChunkBytes) { HeadersCountLimit = 16, HeadersLengthLimit = 8 << 10 };
    }

    /// <summary>A source that travels along, which comes first.</summary>
    public async Task<KernelSource> ReadSourceAsync(long maxBytes, CancellationToken cancellationToken)
    {
        var section = _parts is null ? null : await _parts.ReadNextSectionAsync(cancellationToken);
        if (section is null || NameOf(section) != SourcePartName)
            throw WorkerProblem.BadRequest("The first part must be called 'source' and hold the source as JSON; 'launch' comes behind it.");

        var json = await ReadJsonAsync(section.Body, "source", maxBytes, cancellationToken);
        return JsonSerializer.Deserialize(json.Span, WorkerJson.Default.KernelSource) ?? throw WorkerProblem.BadRequest("null is no source.");
    }

    /// <summary>The launch itself, which comes before its inputs.</summary>
    public async Task<LaunchRequest> ReadLaunchAsync(CancellationToken cancellationToken)
    {
        if (_parts is null)
            return LaunchRequest.Parse(await ReadJsonAsync(_request.Body, "launch", MaxJsonBytes, cancellationToken));

        var section = await _parts.ReadNextSectionAsync(cancellationToken);
        if (section is null || NameOf(section) != LaunchPartName)
            throw WorkerProblem.BadRequest("The launch's inputs come behind a part that is called 'launch' and holds the launch as JSON.");

        return LaunchRequest.Parse(await ReadJsonAsync(section.Body, "launch", MaxJsonBytes, cancellationToken));
    }

    /// <summary>Fills the launch's inputs, in pieces: what is large is nowhere as a whole but in the device's memory. Returns the bytes.</summary>
    public async Task<long> ReadInputsAsync(WorkerLaunch launch, CancellationToken cancellationToken)
    {
        var missing = launch.Inputs.GroupBy(i => i.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        var total = 0L;
        if (_parts is not null)
        {
            while (await _parts.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                var name = NameOf(section);
                if (!missing.Remove(name, out var targets))
                    throw WorkerProblem.BadRequest($"No input of the launch is called '{name}', or the part came twice.");

                total += await FillAsync(section.Body, name, targets, cancellationToken);
            }
        }

        if (missing.Count > 0)
            throw WorkerProblem.BadRequest($"These inputs of the launch came with no part: {string.Join(", ", missing.Keys)}.");

        return total;
    }

    private static bool IsJson(MediaTypeHeaderValue type) => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase);

    private static bool IsMultipart(MediaTypeHeaderValue type) => type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    private static string NameOf(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || disposition.Name.Length == 0)
            throw WorkerProblem.BadRequest("A part has no name: it needs 'Content-Disposition: form-data; name=\"...\"'.");

        return HeaderUtilities.RemoveQuotes(disposition.Name).Value!;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadJsonAsync(Stream stream, string what, long maxBytes, CancellationToken cancellationToken)
    {
        using var json = new MemoryStream();
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            int read;
            while ((read = await stream.ReadAsync(chunk, cancellationToken)) > 0)
            {
                if (json.Length + read > maxBytes)
                    throw WorkerProblem.TooLarge(string.Create(CultureInfo.InvariantCulture, $"The JSON of the {what} has more than {maxBytes} bytes."));
                json.Write(chunk, 0, read);
            }

            return json.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static async Task<long> FillAsync(Stream part, string name, LaunchPart[] targets, CancellationToken cancellationToken)
    {
        var most = targets.Min(t => t.Bytes);
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            long at = 0;
            int read;
            while ((read = await part.ReadAsync(chunk, cancellationToken)) > 0)
            {
                if (read > most - at)
                    throw WorkerProblem.BadRequest(string.Create(CultureInfo.InvariantCulture, $"Part '{name}' has more than the {most} bytes of its buffer."));
                foreach (var target in targets)
                    target.Write(chunk.AsSpan(0, read), at);
                at += read;
            }

            return Array.TrueForAll(targets, t => t.Bytes == at)
                ? at
                : throw WorkerProblem.BadRequest(string.Create(CultureInfo.InvariantCulture, $"Part '{name}' has {at} bytes; its buffer has {targets.Max(t => t.Bytes)}."));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}

/// <summary>Answers a launch: a part <c>result</c> with its JSON, then a part for each output, each with its length.</summary>
internal static class LaunchMessageWriter
{
    private const int ChunkBytes = 1 << 16;

    public static async Task WriteAsync(HttpResponse response, LaunchReport report, IReadOnlyList<LaunchPart> outputs, CancellationToken cancellationToken)
    {
        if (outputs.Count == 0)
        {
            await WorkerJson.WriteAsync(response, report, WorkerJson.Default.LaunchReport);
            return;
        }

        var boundary = $"cuda-wasm-{Guid.NewGuid():n}";
        var json = JsonSerializer.SerializeToUtf8Bytes(report, WorkerJson.Default.LaunchReport);
        byte[][] heads = [Head(boundary, "result", "application/json", json.Length), .. outputs.Select(o => Head(boundary, o.Name, "application/octet-stream", o.Bytes))];
        var end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        response.ContentType = $"multipart/form-data; boundary={boundary}";
        response.ContentLength = heads.Sum(h => (long)h.Length) + json.Length + outputs.Sum(o => o.Bytes) + end.Length;
        await response.BodyWriter.WriteAsync(heads[0], cancellationToken);
        await response.BodyWriter.WriteAsync(json, cancellationToken);
        for (var i = 0; i < outputs.Count; i++)
        {
            await response.BodyWriter.WriteAsync(heads[i + 1], cancellationToken);
            await WriteContentAsync(response, outputs[i], cancellationToken);
        }

        await response.BodyWriter.WriteAsync(end, cancellationToken);
    }

    /// <summary>A part alone, as a file.</summary>
    public static async Task WriteFileAsync(HttpResponse response, LaunchPart part, CancellationToken cancellationToken)
    {
        response.ContentType = "application/octet-stream";
        response.ContentLength = part.Bytes;
        await WriteContentAsync(response, part, cancellationToken);
    }

    private static async Task WriteContentAsync(HttpResponse response, LaunchPart part, CancellationToken cancellationToken)
    {
        for (long at = 0; at < part.Bytes;)
        {
            var length = (int)Math.Min(ChunkBytes, part.Bytes - at);
            part.Read(response.BodyWriter.GetSpan(length)[..length], at);
            response.BodyWriter.Advance(length);
            at += length;
            await response.BodyWriter.FlushAsync(cancellationToken);
        }
    }

    private static byte[] Head(string boundary, string name, string type, long length) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n\r\n"));
}
