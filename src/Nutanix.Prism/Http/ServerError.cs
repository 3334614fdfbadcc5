using System.Text;
using System.Text.Json;

namespace Nutanix.Prism.Http;

/// <summary>What an error answer says, whatever shape it has.</summary>
internal sealed record ServerError(IReadOnlyList<PrismMessage> Messages, bool IsEnvelope)
{
    public static readonly ServerError None = new([], false);

    public string? Code => Messages.Select(m => m.Code).FirstOrDefault(c => c is not null);

    public string? Group => Messages.Select(m => m.ErrorGroup).FirstOrDefault(g => g is not null);

    public string Text => string.Join(" ", Messages.Select(m => m.Message).Where(m => m.Length > 0).Distinct());

    /// <summary>Reads v4 envelopes (list of AppMessage, or SchemaValidationError), v3 message lists, and short plain text.</summary>
    public static ServerError Read(PrismResponse response)
    {
        if (!response.LooksLikeJson)
        {
            string text = response.ContentType?.Contains("html", StringComparison.OrdinalIgnoreCase) == true || response.Body.Length > 400
                ? string.Empty
                : Encoding.UTF8.GetString(response.Body).Trim();
            return text.Length == 0 || text[0] == '<' ? None : new ServerError([new PrismMessage(text)], false);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(response.Body);
            var messages = new List<PrismMessage>();
            JsonElement root = document.RootElement;
            bool isEnvelope = Property(root, "data") is { } data && Property(data, "error") is not null;
            JsonElement error = isEnvelope ? Property(Property(root, "data")!.Value, "error")!.Value : root;
            Collect(error, messages);
            return new ServerError(messages, isEnvelope);
        }
        catch (JsonException)
        {
            return None;
        }
    }

    private static void Collect(JsonElement error, List<PrismMessage> messages)
    {
        switch (error.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (JsonElement item in error.EnumerateArray())
                {
                    Collect(item, messages);
                }

                break;

            case JsonValueKind.String when error.GetString() is { Length: > 0 } text:
                messages.Add(new PrismMessage(text));
                break;

            case JsonValueKind.Object when Property(error, "validationErrorMessages") is { ValueKind: JsonValueKind.Array } validation:
                foreach (JsonElement item in validation.EnumerateArray())
                {
                    string? attribute = Member(item, "attributePath") ?? Member(item, "location");
                    string text = Member(item, "message") ?? "is not valid";
                    messages.Add(new PrismMessage(attribute is null ? text : $"{attribute}: {text}"));
                }

                if (messages.Count == 0 && Member(error, "error") is { } summary)
                {
                    messages.Add(new PrismMessage(summary));
                }

                break;

            case JsonValueKind.Object:
                if (Property(error, "message_list") is { ValueKind: JsonValueKind.Array } list)
                {
                    Collect(list, messages);
                }
                else if (Property(error, "status") is { ValueKind: JsonValueKind.Object } status)
                {
                    // v3 puts the same list below the status of an entity.
                    Collect(status, messages);
                }
                else if (Property(error, "message_info") is { ValueKind: JsonValueKind.Object } info)
                {
                    foreach (JsonProperty operation in info.EnumerateObject().Where(o => o.Value.ValueKind == JsonValueKind.String))
                    {
                        messages.Add(new PrismMessage($"{operation.Name}: {operation.Value.GetString()}"));
                    }
                }
                else if ((Member(error, "message") ?? Member(error, "error")) is { } message)
                {
                    messages.Add(new PrismMessage(
                        message, Member(error, "code"), Member(error, "errorGroup") ?? Member(error, "reason"), Member(error, "severity")));
                }

                break;

            default:
                break;
        }
    }

    private static JsonElement? Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static string? Member(JsonElement element, string name) => Property(element, name) switch
    {
        { ValueKind: JsonValueKind.String } text when !string.IsNullOrWhiteSpace(text.GetString()) => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };
}
