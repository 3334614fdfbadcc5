namespace CudaWasm.Runtime;

/// <summary>Counts who uses a resource, so that it outlives its disposal while somebody does. Not to be copied.</summary>
internal struct UseCount
{
    /// <summary>The owner counts as one.</summary>
    private int _count = 1;
    private int _isDisposed;

    public UseCount()
    {
    }

    /// <summary>False once the owner has let go.</summary>
    public bool TryAcquire()
    {
        while (true)
        {
            var count = Volatile.Read(ref _count);
            if (count == 0 || Volatile.Read(ref _isDisposed) != 0) return false;
            if (Interlocked.CompareExchange(ref _count, count + 1, count) == count) return true;
        }
    }

    /// <summary>True where nobody is left, and the resource is to be freed.</summary>
    public bool Release() => Interlocked.Decrement(ref _count) == 0;

    /// <summary>The owner lets go, once; true as for <see cref="Release"/>.</summary>
    public bool TryDispose() => Interlocked.Exchange(ref _isDisposed, 1) == 0 && Release();
}
