using System.Management.Automation;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Remote;
using CudaWasmNutanix.Session;
using CudaWasmNutanix.Workers;
using GpuPlatform;
using GpuPlatform.Manifests;
using Nutanix.Prism;

namespace CudaWasmNutanix.Pipeline;

/// <summary>Every error record of the module, in one place: the id scripts test for, the category, the target, the words.</summary>
internal static class ErrorRecords
{
    /// <summary>The records of an exception: one for each error where it tells of several, as a compilation does.</summary>
    public static IEnumerable<ErrorRecord> All(Exception exception, object? target) =>
        exception is CudaWasmException engine ? KernelErrors.From(engine, target) : [From(exception, target)];

    /// <summary>The record of an exception; <paramref name="target"/> is the item that failed.</summary>
    public static ErrorRecord From(Exception exception, object? target) => exception switch
    {
        IContainsErrorRecord known => known.ErrorRecord,
        PrismConnectionException { Failure: ConnectionFailure.Certificate } => New(exception, "PrismCertificate", ErrorCategory.SecurityError, target),
        PrismConnectionException { Failure: ConnectionFailure.TimedOut } => New(exception, "PrismTimeout", ErrorCategory.OperationTimeout, target),
        PrismConnectionException => New(exception, "PrismUnreachable", ErrorCategory.ConnectionError, target),
        PrismAuthenticationException => New(exception, "PrismAuthentication", ErrorCategory.AuthenticationError, target),
        PrismNotFoundException => New(exception, "PrismNotFound", ErrorCategory.ObjectNotFound, target),
        PrismAmbiguousNameException => New(exception, "AmbiguousName", ErrorCategory.InvalidArgument, target),
        PrismConflictException => New(exception, "PrismConflict", ErrorCategory.ResourceBusy, target),
        PrismTaskStalledException => New(exception, "PrismTaskStalled", ErrorCategory.OperationTimeout, target),
        PrismTaskFailedException => New(exception, "PrismTaskFailed", ErrorCategory.InvalidResult, target),
        PrismProtocolException => New(exception, "PrismProtocol", ErrorCategory.ProtocolError, target),
        PrismVersionException => New(exception, "PrismVersion", ErrorCategory.NotImplemented, target),
        RemoteWorkerException worker => WorkerErrors.From(worker, target),
        NoFreeGpuException => New(exception, "NoFreeGpu", ErrorCategory.ResourceUnavailable, target),
        PrismException => New(exception, "PrismError", ErrorCategory.NotSpecified, target),
        PlatformException => New(exception, "PlatformError", ErrorCategory.InvalidOperation, target),
        TimeoutException => New(exception, "Timeout", ErrorCategory.OperationTimeout, target),
        OperationCanceledException => New(exception, "OperationCanceled", ErrorCategory.OperationStopped, target),
        FileNotFoundException or DirectoryNotFoundException => New(exception, "FileNotFound", ErrorCategory.ObjectNotFound, target),
        UnauthorizedAccessException => New(exception, "AccessDenied", ErrorCategory.PermissionDenied, target),
        IOException => New(exception, "FileError", ErrorCategory.OpenError, target),
        ManifestException => New(exception, "InvalidManifest", ErrorCategory.InvalidArgument, target),
        ArgumentException or FormatException => New(exception, "InvalidArgument", ErrorCategory.InvalidArgument, target),
        _ => New(exception, "UnexpectedError", ErrorCategory.NotSpecified, target),
    };

    public static ErrorRecord NotConnected() => New(
        new InvalidOperationException("There is no Prism Central session in this runspace. Connect with Connect-NtnxPrismCentral, or pass -Session."),
        "NotConnected", ErrorCategory.ConnectionError, null);

    public static ErrorRecord SessionClosed(PrismSession session) => New(
        new InvalidOperationException($"The session {session} was disconnected. Connect again with Connect-NtnxPrismCentral."),
        "SessionClosed", ErrorCategory.ConnectionError, session);

    /// <param name="id">The record's id, for example <c>GpuHostNotFound</c>.</param>
    /// <param name="kind">What was looked for, for example <c>GPU host</c>.</param>
    /// <param name="name">The name that nothing has.</param>
    /// <param name="listCommand">The command that lists what there is.</param>
    public static ErrorRecord NotFound(string id, string kind, string name, string listCommand) => New(
        new ItemNotFoundException($"There is no {kind} called '{name}'. '{listCommand}' lists those there are; names take wildcards."),
        id, ErrorCategory.ObjectNotFound, name);

    public static ErrorRecord Ambiguous(string kind, string name, IReadOnlyList<string> extIds) => New(
        new PrismAmbiguousNameException($"{extIds.Count} of the {kind}s are called '{name}'. Say which one with -Id: {string.Join(", ", extIds)}.", extIds),
        "AmbiguousName", ErrorCategory.InvalidArgument, name);

    public static ErrorRecord NoHosts(bool fromPipeline) => New(
        new NoFreeGpuException(
            fromPipeline
                ? "No host came down the pipeline, so no machine is made. Get-NtnxGpuHost lists the hosts with GPUs."
                : "No host with GPUs matches, so no machine is made. Get-NtnxGpuHost lists those there are.",
            requested: 1,
            free: 0),
        "NoGpuHost", ErrorCategory.ResourceUnavailable, null);

    public static ErrorRecord PoweredOn(PrismVm vm) => New(
        new InvalidOperationException($"'{vm.Name}' ({vm.ExtId}) is powered on. Add -Force to power it off and remove it."),
        "VmPoweredOn", ErrorCategory.ResourceBusy, vm);

    public static ErrorRecord NeedsPowerOff(PrismVm vm, string what) => New(
        new InvalidOperationException($"The {what} of '{vm.Name}' ({vm.ExtId}) can change only while it is powered off; it is {vm.PowerState}. Add -Force to power it off for the change and on again."),
        "VmPoweredOn", ErrorCategory.ResourceBusy, vm);

    public static ErrorRecord SimulatorNotStarted(Exception cause, int port) => New(
        new InvalidOperationException($"{cause.Message} Leave out -Port for a free one, or stop what uses it.", cause),
        "SimulatorNotStarted", ErrorCategory.ResourceUnavailable, port);

    private static ErrorRecord New(Exception exception, string id, ErrorCategory category, object? target) =>
        new(exception, id, category, target);
}
