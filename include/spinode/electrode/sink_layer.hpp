// The layer at the separator from which the host is stripped: phi(z) >= 0 on 0 <= z <= thickness, its integral 1.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace spinode {

/// raised_cosine: phi ~ 1 + cos(pi z/thickness), smooth at both ends; triangle: phi ~ 1 - z/thickness; uniform.
enum class LayerShape { raised_cosine, triangle, uniform };

/// Name and help of each choice of electrode.layer_shape.
std::vector<std::pair<std::string, std::string>> layer_shape_entries();

/// Phi, the integral of phi from the separator to z = u times the thickness of the layer.
double layer_share(LayerShape shape, double u);

/// phi of a layer that is `share` of the electrode thick, integrated over each of `cells` cells: their sum is 1.
std::vector<double> layer_cells(LayerShape shape, double share, std::size_t cells);

}  // namespace spinode
