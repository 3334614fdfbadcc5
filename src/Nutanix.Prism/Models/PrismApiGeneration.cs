namespace Nutanix.Prism;

/// <summary>Which generation of the Prism Central API is spoken.</summary>
public enum PrismApiGeneration
{
    /// <summary>v4 where the server serves it, v3 otherwise.</summary>
    Auto,

    /// <summary><c>/api/nutanix/v3</c></summary>
    V3,

    /// <summary><c>/api/{namespace}/v4.x</c></summary>
    V4,
}
