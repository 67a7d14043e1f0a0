extension LinearAgainstReLU { func figures(_ o: [Observation]) -> [Drawing] { [] } }
extension PhaseDiagram { func figures(_ o: [Observation]) -> [Drawing] { [] } }
extension PhaseDiagramOfThree { func figures(_ o: [PhaseDiagram.Observation]) -> [Drawing] { [] } }
extension Pentagon { func figures(_ o: [Observation]) -> [Drawing] { [] } }
extension Polytopes { func figures(_ o: [Observation]) -> [Drawing] { [] } }
