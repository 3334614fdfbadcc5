using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>A connection to a Prism Central, as Connect-NtnxPrismCentral hands it out.</summary>
public sealed class PrismSession : IDisposable
{
    private readonly PrismClient _client;

    internal PrismSession(PrismClient client)
    {
        _client = client;
        Names = new NameCache(client);
    }

    public Uri Server => _client.Address;

    public string UserName => _client.UserName;

    /// <summary>V3 or V4.</summary>
    public PrismApiGeneration ApiGeneration => _client.Generation;

    /// <summary>The API version spoken, by namespace; a namespace appears once it has been used.</summary>
    public IReadOnlyDictionary<string, string> ApiVersions => _client.ApiVersions;

    public DateTimeOffset ConnectedAt { get; } = DateTimeOffset.Now;

    public bool IsConnected { get; private set; } = true;

    /// <exception cref="ObjectDisposedException">The session was disconnected.</exception>
    internal PrismClient Client => IsConnected
        ? _client
        : throw new ObjectDisposedException(nameof(PrismSession), $"The session with {Server.Authority} was disconnected. Connect again with Connect-NtnxPrismCentral.");

    /// <summary>Names for tab completion.</summary>
    internal NameCache Names { get; }

    public override string ToString() => $"{UserName}@{Server.Authority}";

    public void Dispose()
    {
        if (IsConnected)
        {
            IsConnected = false;
            _client.Dispose();
        }
    }
}
