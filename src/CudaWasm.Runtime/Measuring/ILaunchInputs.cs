namespace CudaWasm.Runtime;

/// <summary>The arguments of a launch that is repeated.</summary>
internal interface ILaunchInputs : IDisposable
{
    IReadOnlyList<KernelArgument> Arguments { get; }

    /// <summary>Gives buffers and variables the content they have before a launch.</summary>
    void Upload();
}

/// <summary>Arguments as a person gives them at a prompt.</summary>
internal sealed class BoundInputs(Kernel kernel, IReadOnlyList<object?> arguments) : ILaunchInputs
{
    private readonly ArgumentBinder _binder = ArgumentBinder.Bind(kernel.Device, kernel.Source, arguments);

    public IReadOnlyList<KernelArgument> Arguments => _binder.Arguments;

    public void Upload()
    {
        kernel.ResetSymbols();
        _binder.Upload();
    }

    public void Dispose() => _binder.Dispose();
}
