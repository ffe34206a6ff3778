import { useLocalStorage } from "@mantine/hooks";
import { useEffect } from "react";

/** Wall-screen mode: no navigation, type half as large again. A property of the device, so it is kept there. */
export function useWall(): { wall: boolean; toggleWall: () => void } {
  const [wall, setWall] = useLocalStorage({ key: "tacho.wall", defaultValue: false, getInitialValueInEffect: false });
  useEffect(() => {
    document.documentElement.toggleAttribute("data-wall", wall);
    return () => document.documentElement.removeAttribute("data-wall");
  }, [wall]);
  return { wall, toggleWall: () => setWall((before) => !before) };
}
