using System.Text.Json;

namespace Nutanix.Prism.Machines;

/// <summary>
/// The state folder: one file for each creation under way. A file is written before its request leaves, whole or not at all,
/// and goes away when the outcome is known. Without a folder nothing is kept.
/// </summary>
internal sealed class PendingCreations(string? folder, string server, Action<string> log)
{
    public IReadOnlyList<PendingCreation> List()
    {
        if (folder is null || !Directory.Exists(folder))
        {
            return [];
        }

        var pending = new List<PendingCreation>();
        foreach (string file in Directory.EnumerateFiles(folder, "create-*.json"))
        {
            try
            {
                PendingCreation? one = JsonSerializer.Deserialize(File.ReadAllBytes(file), StateJson.Default.PendingCreation);
                if (one is not null && string.Equals(one.Server, server, StringComparison.OrdinalIgnoreCase))
                {
                    pending.Add(one);
                }
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                log($"{file} cannot be read and is left as it is: {e.Message}");
            }
        }

        return [.. pending.OrderBy(p => p.SubmittedAt)];
    }

    /// <summary>Writes the state; that it cannot be written is told and does not keep a machine from being made.</summary>
    public void Save(PendingCreation pending)
    {
        log($"Creation of '{pending.Name}': request id {pending.RequestId:D}, task id {pending.TaskExtId ?? "not known yet"}.");
        if (folder is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
            string path = PathOf(pending.RequestId);
            string draft = path + ".new";
            File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(pending, StateJson.Default.PendingCreation));
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"Warning: the state of this creation could not be written to {folder}, so it cannot be resumed if this process ends: {e.Message}");
        }
    }

    public void Remove(Guid requestId)
    {
        if (folder is null)
        {
            return;
        }

        try
        {
            File.Delete(PathOf(requestId));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"{PathOf(requestId)} could not be removed: {e.Message}");
        }
    }

    private string PathOf(Guid requestId) => Path.Combine(folder!, $"create-{requestId:D}.json");
}
