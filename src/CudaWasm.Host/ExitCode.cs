namespace CudaWasm.Host;

/// <summary>What the program tells its caller.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The work was understood and did not succeed.</summary>
    public const int Failure = 1;

    /// <summary>The command line was not understood.</summary>
    public const int BadUsage = 2;

    /// <summary>A check ran to its end and found errors or warnings.</summary>
    public const int Findings = 3;
}
