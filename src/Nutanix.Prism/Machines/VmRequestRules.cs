namespace Nutanix.Prism.Machines;

/// <summary>What can be said of a request without asking the server.</summary>
internal static class VmRequestRules
{
    /// <exception cref="ArgumentException">Something in the request cannot be.</exception>
    public static void Validate(GpuVmRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > 80)
        {
            throw new ArgumentException($"A machine's name has 1 to 80 characters, this one {request.Name?.Trim().Length ?? 0}.", nameof(request));
        }

        if (string.IsNullOrWhiteSpace(request.Cluster))
        {
            throw new ArgumentException("The machine needs the extId of a cluster.", nameof(request));
        }

        if (request.NumSockets < 1 || request.NumCoresPerSocket < 1)
        {
            throw new ArgumentException("The machine needs at least one socket and one core per socket.", nameof(request));
        }

        if (request.MemoryBytes < 1 << 20)
        {
            throw new ArgumentException($"The machine needs memory, in bytes; {request.MemoryBytes} is less than 1 MiB.", nameof(request));
        }

        if (request.Image is null && request.DiskBytes is null)
        {
            throw new ArgumentException("The machine needs an image to boot from, or the size of an empty disk.", nameof(request));
        }

        if (request.DiskBytes < 1)
        {
            throw new ArgumentException($"A disk of {request.DiskBytes} bytes cannot be.", nameof(request));
        }

        if (request.SecureBoot && (request.LegacyBoot || request.MachineType is not (null or "Q35")))
        {
            throw new ArgumentException("Secure Boot needs UEFI and the machine type Q35; leave legacy boot out, or Secure Boot.", nameof(request));
        }

        if (request.MachineType is not (null or "Q35" or "PC"))
        {
            throw new ArgumentException($"'{request.MachineType}' is not a machine type; use Q35 or PC.", nameof(request));
        }
    }
}
