namespace Nutanix.Prism;

/// <summary>What to do with a virtual machine's power.</summary>
public enum PowerAction
{
    /// <summary><c>power-on</c></summary>
    On,

    /// <summary><c>power-off</c>: like pulling the plug.</summary>
    Off,

    /// <summary><c>shutdown</c>: an ACPI request the guest may answer.</summary>
    Shutdown,

    /// <summary><c>guest-shutdown</c>: through Nutanix Guest Tools.</summary>
    GuestShutdown,

    /// <summary><c>reboot</c>: an ACPI request.</summary>
    Reboot,

    /// <summary><c>guest-reboot</c>: through Nutanix Guest Tools.</summary>
    GuestReboot,

    /// <summary><c>reset</c>: a hard reset.</summary>
    Reset,

    /// <summary><c>power-cycle</c>: off and on again.</summary>
    PowerCycle,
}
