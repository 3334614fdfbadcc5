// What the standard headers offer to device code.
#pragma once
#include <__cw/limits.h>
#include <__cw/type_traits.h>
#include <__cw/utility.h>
