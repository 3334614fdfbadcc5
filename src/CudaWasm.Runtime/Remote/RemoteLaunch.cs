using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Remote;

/// <summary>
/// A launch whose memory is here and whose kernel runs on a worker: what local buffers hold travels there, and what the kernel wrote
/// comes back into them.
/// </summary>
internal sealed class RemoteLaunch
{
    private readonly List<Part> _inputs = [];
    private readonly Dictionary<string, Part> _outputs = new(StringComparer.Ordinal);

    /// <param name="kernel">Its name and parameters.</param>
    /// <param name="configuration">Grid and block.</param>
    /// <param name="arguments">In local memory.</param>
    /// <param name="symbols">Globals in local memory, and which way they go.</param>
    /// <param name="timeout">Asked of the worker; null for its own limit.</param>
    public RemoteLaunch(
        CompiledKernel kernel,
        LaunchConfiguration configuration,
        IReadOnlyList<KernelArgument> arguments,
        IReadOnlyList<(string Name, DeviceBuffer Memory, bool IsInput, bool IsOutput)> symbols,
        TimeSpan? timeout)
    {
        LaunchCheck.Arguments(kernel, arguments);
        Json = new JsonObject
        {
            ["kernel"] = kernel.Name,
            ["grid"] = Sizes(configuration.Grid),
            ["block"] = Sizes(configuration.Block),
            ["sharedBytes"] = configuration.SharedBytes,
            ["arguments"] = new JsonArray([.. arguments.Select((a, i) => Argument(kernel, a, i))]),
            ["symbols"] = new JsonObject(symbols.Select((s, i) => KeyValuePair.Create<string, JsonNode?>(s.Name, Symbol(s.Memory, s.IsInput, s.IsOutput, $"s{i}")))),
        };
        if (timeout is { } time) Json["timeoutSeconds"] = time.TotalSeconds;
        var twice = arguments.Where(a => a.DeviceBuffer is not null && a.DeviceTexture is null).GroupBy(a => a.DeviceBuffer).Any(g => g.Count() > 1);
        if (twice) throw new KernelArgumentException(DiagnosticCodes.BadArgument, "One array is given twice. A worker would get two copies of it; run the kernel here, or give it once.");
    }

    /// <summary>Local memory that a part fills or is filled by.</summary>
    private sealed record Part(string Name, DeviceBuffer Memory, long Start, long Bytes);

    public JsonObject Json { get; }

    /// <summary>The request's body. It can be sent again.</summary>
    /// <param name="source">The source, where the worker does not have it.</param>
    public HttpContent Content(byte[]? source) => new Message(Encoding.UTF8.GetBytes(Json.ToJsonString()), source, _inputs);

    /// <summary>Reads an answer with parts: their contents go into local memory.</summary>
    public async Task<byte[]> ReadAsync(HttpContent answer, CancellationToken cancellationToken)
    {
        var stream = await answer.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (answer.Headers.ContentType?.MediaType != "multipart/form-data")
        {
            using var whole = new MemoryStream();
            await stream.CopyToAsync(whole, cancellationToken).ConfigureAwait(false);
            return whole.ToArray();
        }

        byte[]? result = null;
        await using var buffered = new BufferedStream(stream, 1 << 16);
        while (await PartHeadAsync(buffered, cancellationToken).ConfigureAwait(false) is { } head)
        {
            if (head.Name == "result")
            {
                result = new byte[head.Bytes];
                await buffered.ReadExactlyAsync(result, cancellationToken).ConfigureAwait(false);
            }
            else if (_outputs.TryGetValue(head.Name, out var part) && part.Bytes == head.Bytes)
            {
                await FillAsync(buffered, part, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"part '{head.Name}' of {head.Bytes} bytes was not asked for"));
            }
        }

        return result ?? throw new InvalidDataException("it has no result");
    }

    private static JsonArray Sizes(Dim3 sizes) => [sizes.X, sizes.Y, sizes.Z];

    private JsonObject Argument(CompiledKernel kernel, KernelArgument argument, int index)
    {
        if (argument.Value is { } value) return new JsonObject { ["bytes"] = Convert.ToBase64String(value) };
        var name = string.Create(CultureInfo.InvariantCulture, $"a{index}");
        if (argument.DeviceTexture is { } texture)
        {
            var json = Texture(texture.Description);
            AddPart(name, texture.Buffer, texture.Buffer.ByteLength - texture.ByteLength, isInput: true, isOutput: true);
            (json["input"], json["output"]) = (name, name);
            return new JsonObject { ["texture"] = json };
        }

        var parameter = kernel.Parameters[index];
        if (argument.DeviceBuffer is not { } buffer) throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Parameter {parameter.Name} ({parameter.TypeName}): a null pointer cannot be sent to a worker. Give an empty array.");
        // Of bytes where the element has no name of its own: the worker compares the sizes of scalars only.
        var element = ElementType.All.FirstOrDefault(e => e.Type == parameter.Element && buffer.ByteLength % e.Size == 0) ?? ElementType.Find("uchar")!;
        AddPart(name, buffer, 0, isInput: true, isOutput: !parameter.IsReadOnly);
        var result = new JsonObject { ["buffer"] = element.Name, ["count"] = buffer.ByteLength / element.Size, ["input"] = name };
        if (!parameter.IsReadOnly) result["output"] = name;
        return result;
    }

    private JsonObject Symbol(DeviceBuffer memory, bool isInput, bool isOutput, string name)
    {
        AddPart(name, memory, 0, isInput, isOutput);
        var json = new JsonObject();
        if (isInput) json["input"] = name;
        if (isOutput) json["output"] = name;
        return json;
    }

    private static JsonObject Texture(TextureDescription d) => new()
    {
        ["format"] = d.Channels == 1 ? d.Element.Name : string.Create(CultureInfo.InvariantCulture, $"{d.Element.Name}{d.Channels}"),
        ["width"] = d.Width,
        ["height"] = d.Height,
        ["depth"] = d.Depth,
        ["layered"] = d.IsLayered,
        ["levels"] = d.Levels,
        ["filter"] = Word(d.Filter),
        ["mipFilter"] = Word(d.MipFilter),
        ["address"] = new JsonArray([.. d.Address.Select(a => (JsonNode)Word(a))]),
        ["normalized"] = d.IsNormalized,
        ["readMode"] = Word(d.ReadMode),
        ["border"] = new JsonArray([.. d.Border.Select(b => (JsonNode)b)]),
    };

    private static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private void AddPart(string name, DeviceBuffer memory, long start, bool isInput, bool isOutput)
    {
        var part = new Part(name, memory, start, memory.ByteLength - start);
        if (isInput) _inputs.Add(part);
        if (isOutput) _outputs.Add(name, part);
    }

    private static async Task FillAsync(Stream stream, Part part, CancellationToken cancellationToken)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            for (long at = 0; at < part.Bytes;)
            {
                var length = (int)Math.Min(chunk.Length, part.Bytes - at);
                await stream.ReadExactlyAsync(chunk.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                part.Memory.CopyFrom(chunk.AsSpan(0, length), part.Start + at);
                at += length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>Name and length of the next part; null behind the last one. The worker tells the length of every part.</summary>
    private static async Task<(string Name, long Bytes)?> PartHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        string? line;
        do
        {
            line = await LineAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        while (line.Length == 0);

        if (line.EndsWith("--", StringComparison.Ordinal)) return null;
        string? name = null;
        long? bytes = null;
        while ((line = await LineAsync(stream, cancellationToken).ConfigureAwait(false)).Length > 0)
        {
            if (line.StartsWith("Content-Disposition:", StringComparison.OrdinalIgnoreCase)) name = ContentDispositionHeaderValue.Parse(line[20..]).Name?.Trim('"');
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) bytes = long.Parse(line[15..], CultureInfo.InvariantCulture);
        }

        return name is null || bytes is null or < 0 ? throw new InvalidDataException("a part has no name or no length") : (name, bytes.Value);
    }

    private static async Task<string> LineAsync(Stream stream, CancellationToken cancellationToken)
    {
        const int longest = 1000;
        var line = new StringBuilder();
        var one = new byte[1];
        while (line.Length < longest)
        {
            await stream.ReadExactlyAsync(one, cancellationToken).ConfigureAwait(false);
            if (one[0] == '\n') return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }

        throw new InvalidDataException("a line of a part's head is too long");
    }

    /// <summary>The parts of a request, read from local memory as they are sent.</summary>
    private sealed class Message : HttpContent
    {
        private readonly List<(byte[] Head, byte[]? Bytes, Part? Part)> _parts = [];
        private readonly byte[] _end;

        public Message(byte[] launch, byte[]? source, IReadOnlyList<Part> inputs)
        {
            var boundary = $"cuda-wasm-{Guid.NewGuid():n}";
            if (source is not null) _parts.Add((Head(boundary, "source", "application/json"), source, null));
            _parts.Add((Head(boundary, "launch", "application/json"), launch, null));
            foreach (var input in inputs) _parts.Add((Head(boundary, input.Name, "application/octet-stream"), null, input));
            _end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
            Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={boundary}");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var chunk = ArrayPool<byte>.Shared.Rent(1 << 16);
            try
            {
                foreach (var (head, bytes, part) in _parts)
                {
                    await stream.WriteAsync(head, cancellationToken).ConfigureAwait(false);
                    if (bytes is not null) await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
                    for (long at = 0; at < (part?.Bytes ?? 0);)
                    {
                        var length = (int)Math.Min(chunk.Length, part!.Bytes - at);
                        part.Memory.CopyTo(chunk.AsSpan(0, length), part.Start + at);
                        await stream.WriteAsync(chunk.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                        at += length;
                    }
                }

                await stream.WriteAsync(_end, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(chunk);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _end.Length + _parts.Sum(p => p.Head.Length + (p.Bytes?.Length ?? p.Part!.Bytes));
            return true;
        }

        private static byte[] Head(string boundary, string name, string type) =>
            Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: {type}\r\n\r\n");
    }
}
