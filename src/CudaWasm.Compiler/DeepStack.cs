using System.Runtime.ExceptionServices;

namespace CudaWasm.Compiler;

/// <summary>Runs what recurses over deep trees on a thread whose stack does not depend on the caller's.</summary>
internal static class DeepStack
{
    private const int Bytes = 64 << 20;

    public static T Run<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = work();
                }
                catch (Exception e)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            },
            Bytes)
        {
            IsBackground = true,
            Name = "CUDA compiler",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }
}
