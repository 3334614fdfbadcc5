using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;
using YamlDotNet.Serialization.NamingConventions;

namespace GpuPlatform.Manifests;

/// <summary>
/// Writes objects as YAML that every reader takes the same way. Kubernetes and cloud-init read YAML 1.1, where <c>yes</c>,
/// <c>1e3</c>, <c>1:30</c> and <c>~</c> are not text: a string is written bare only where no reader could take it for anything else.
/// </summary>
public static partial class ManifestYaml
{
    private static readonly HashSet<string> Yaml11Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan",
    };

    /// <summary>One document, camelCase names.</summary>
    public static string Serialize(object document) => Write([document], CamelCaseNamingConvention.Instance, explicitStart: false);

    /// <summary>A stream of documents, each with its <c>---</c> line, camelCase names.</summary>
    public static string SerializeStream(IEnumerable<object> documents) =>
        Write(documents, CamelCaseNamingConvention.Instance, explicitStart: true);

    /// <summary>One document of maps and lists, empty ones among them.</summary>
    internal static string SerializeVerbatim(object document) => Write([document], NullNamingConvention.Instance, explicitStart: false, DefaultValuesHandling.Preserve);

    /// <summary>One document, camelCase names, nothing and empty maps and lists among the values.</summary>
    internal static string SerializeWhole(object document) => Write([document], CamelCaseNamingConvention.Instance, explicitStart: false, DefaultValuesHandling.Preserve);

    /// <summary>One document, snake_case names (cloud-init).</summary>
    internal static string SerializeUnderscored(object document) =>
        Write([document], UnderscoredNamingConvention.Instance, explicitStart: false);

    private static string Write(IEnumerable<object> documents, INamingConvention naming, bool explicitStart, DefaultValuesHandling defaults = DefaultValuesHandling.OmitNull | DefaultValuesHandling.OmitEmptyCollections)
    {
        var serializer = new SerializerBuilder()
            .WithNamingConvention(naming)
            .ConfigureDefaultValuesHandling(defaults)
            .DisableAliases()
            .WithEventEmitter(next => new UnambiguousStringEmitter(next))
            .BuildValueSerializer();

        using var writer = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(writer, EmitterSettings.Default.WithNewLine("\n"));
        emitter.Emit(new StreamStart());
        foreach (var document in documents)
        {
            emitter.Emit(new DocumentStart(null, null, isImplicit: !explicitStart));
            serializer.SerializeValue(emitter, document, document.GetType());
            emitter.Emit(new DocumentEnd(isImplicit: true));
        }

        emitter.Emit(new StreamEnd());
        var text = writer.ToString();
        return text.EndsWith('\n') ? text : text + "\n";
    }

    private static ScalarStyle StyleOf(string text)
    {
        if (PlainText().IsMatch(text) && !Yaml11Words.Contains(text))
            return ScalarStyle.Plain;

        return IsReadableBlock(text) ? ScalarStyle.Literal : ScalarStyle.DoubleQuoted;
    }

    /// <summary>
    /// True for text of several lines that a literal block (<c>|</c>) holds without loss: no carriage returns, tabs at a line's
    /// start, leading blanks or invisible characters; all else is quoted and escaped.
    /// </summary>
    private static bool IsReadableBlock(string text)
    {
        if (!text.Contains('\n') || text[0] is ' ' or '\n' || text.EndsWith("\n\n", StringComparison.Ordinal))
            return false;

        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0 && (line[0] == '\t' || line[^1] is ' ' or '\t'))
                return false;
        }

        return text.EnumerateRunes().All(r => r.Value is '\n' or '\t' or (>= 0x20 and < 0x7F) or (>= 0xA0 and < 0xD800 and not 0x2028 and not 0x2029));
    }

    [GeneratedRegex(@"\A/?[A-Za-z][A-Za-z0-9_]*([./-][A-Za-z0-9_]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainText();

    private sealed class UnambiguousStringEmitter(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (eventInfo.Source.Value is null)
            {
                // Said, where the library would write nothing after the colon.
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, "null", ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                return;
            }

            if (eventInfo.Source.Value is string text)
            {
                eventInfo.Style = StyleOf(text);
                eventInfo.IsPlainImplicit = eventInfo.Style == ScalarStyle.Plain;
                eventInfo.IsQuotedImplicit = true;
            }

            base.Emit(eventInfo, emitter);
        }
    }
}
